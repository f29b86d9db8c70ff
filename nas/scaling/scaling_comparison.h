#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "nas/scaling/scaling_steps.h"

namespace dovetail {

/// A way to make a network larger, and all networks that it went through.
struct ScalingMethod {
  std::string name;
  std::string meaning;
  std::vector<ScaleStep> steps;  // the first is the network itself
  /// For each budget, the step with the highest accuracy that holds it.
  std::vector<std::size_t> answers;

  const ScaleStep& answer(std::size_t budget) const { return steps[answers[budget]]; }
};

/// All ways on one accelerator: the joint one first.
struct ScalingComparison {
  std::string accelerator;
  std::vector<double> budgets_ms;
  std::vector<ScalingMethod> methods;

  const ScaleFigures& start() const { return methods.front().steps.front().figures; }
};

/// Scales with all channels multiplied by 1.01, 1.02, ... and rounded to multiples of eight
/// (round_channels()), up to four times.
std::vector<ScaleChange> wider_scales(const ScalableNetwork& network);
/// Scales of a higher resolution alone, up to four times.
std::vector<ScaleChange> finer_scales(const ScalableNetwork& network, int resolution_step);
/// Scales of one width with any resolution from half the network's own: the family that there is.
std::vector<ScaleChange> uniform_scales(const ScalableNetwork& network, int resolution_step);
/// EfficientNet's compound scaling (Tan and Le, ICML 2019): depth 1.2^phi, rounded up, width
/// 1.1^phi, rounded to multiples of eight, resolution 1.15^phi, for phi = 0.05, 0.1, ... 8.
std::vector<ScaleChange> compound_scales(const ScalableNetwork& network);

/// Scales the network within each budget jointly, jointly without a smaller input to begin with, by
/// width alone, by resolution alone, by one width and a resolution, by compound scaling and jointly
/// at the price of multiply-accumulates. Throws InputError where there are no figures of the
/// network itself, or for budgets that do not ascend or that it does not hold.
ScalingComparison compare_scaling(const ScalableNetwork& network, MeasuredScales& measured,
                                  std::span<const double> budgets_ms, int resolution_step);

}  // namespace dovetail
