#include "sim/silicon/frame_rate.h"

namespace dovetail {

double inferences_per_s(double latency_ms) {
  return 1000 / latency_ms;
}

FrameRateEnergy at_frame_rate(const EnergyBreakdown& inference, double latency_ms,
                              double frames_per_s) {
  FrameRateEnergy rate;
  rate.period_ms = 1000 / frames_per_s;
  rate.highest_per_s = inferences_per_s(latency_ms);
  rate.kept = frames_per_s <= rate.highest_per_s;
  if (!rate.kept) return rate;
  rate.energy = inference;
  rate.energy.leakage *= rate.period_ms / latency_ms;
  rate.average_power_mw = average_power_mw(rate.energy.total(), rate.period_ms);
  rate.on_chip_power_mw = average_power_mw(rate.energy.on_chip(), rate.period_ms);
  return rate;
}

}  // namespace dovetail
