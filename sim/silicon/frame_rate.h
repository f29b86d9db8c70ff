#pragma once

#include "sim/silicon/energy_model.h"

namespace dovetail {

/// One inference a frame, at a fixed number of frames a second.
struct FrameRateEnergy {
  double period_ms = 0;         // from one frame to the next
  double highest_per_s = 0;     // frames a second that the latency can keep
  bool kept = false;            // the inference is over when the next frame comes
  EnergyBreakdown energy;       // of a period, in mJ; nothing unless the rate is kept
  double average_power_mw = 0;  // of the period, memory outside included
  double on_chip_power_mw = 0;  // without it
};

/// Inferences a second, one after another.
double inferences_per_s(double latency_ms);

/// Energy of an inference if one starts every `1 / frames_per_s`: what `inference` took in its
/// `latency_ms`, and leakage in the rest of the period too, in proportion to time. The rest is
/// idle: the clock stands still, the memory outside refreshes itself at a power that is not
/// counted, but nothing on the chip is switched off, since local memory keeps the weights. Rates
/// that the latency cannot keep are a result. `latency_ms` and `frames_per_s` must be positive.
FrameRateEnergy at_frame_rate(const EnergyBreakdown& inference, double latency_ms,
                              double frames_per_s);

}  // namespace dovetail
