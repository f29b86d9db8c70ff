#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "hw_space/accelerator_config.h"
#include "models/accuracy/source/accuracy_source.h"
#include "models/network/blocks/scaled_blocks.h"
#include "sim/simulator.h"

namespace dovetail {

/// What is known of a network at a scale on an accelerator.
struct ScaleFigures {
  double top1_percent = 0;
  bool extrapolated = false;
  std::int64_t cycles = 0;
  double latency_ms = 0;
  double utilization = 0;  // multiply-accumulates over the peak in these cycles
  std::int64_t macs = 0, parameters = 0;
};

/// Figures of a scale; nothing where the network cannot be there, cannot run, or no accuracy is
/// known.
using MeasureScale = std::function<std::optional<ScaleFigures>(const NetworkScale&)>;

/// Top-1 accuracy of a scale, or why there is none.
using ScaleAccuracy = std::function<AccuracyAnswer(const NetworkScale&)>;

/// Figures of the scales of one network on one accelerator, by simulation. Each scale is simulated
/// once.
class MeasuredScales {
 public:
  /// `network` must outlive it.
  MeasuredScales(const ScalableNetwork& network, AcceleratorConfig accelerator,
                 ScaleAccuracy accuracy);

  std::optional<ScaleFigures> operator()(const NetworkScale& scale);
  /// Throws InputError with the reason where there are no figures of a scale.
  ScaleFigures required(const NetworkScale& scale);
  const AcceleratorConfig& accelerator() const { return accelerator_; }

 private:
  /// Figures, or why there are none.
  struct Measured {
    std::optional<ScaleFigures> figures;
    std::string reason;
  };
  const Measured& measured(const NetworkScale& scale);
  Measured measure(const NetworkScale& scale);

  const ScalableNetwork& network_;
  AcceleratorConfig accelerator_;
  ScaleAccuracy accuracy_;
  Simulator simulator_;
  std::map<NetworkScale, Measured> known_;
};

}  // namespace dovetail
