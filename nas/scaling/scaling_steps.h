#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/network/blocks/scaled_blocks.h"
#include "nas/scaling/measured_scales.h"

namespace dovetail {

/// A scale that is reached from another by one change.
struct ScaleChange {
  NetworkScale scale;
  std::string change;  // "stage 3: 32 to 40 channels"
};

/// A change that was made, and what came of it.
struct ScaleStep {
  NetworkScale scale;
  std::string change;
  ScaleFigures figures;
};

/// What a step is paid in.
enum class StepPrice { kLatency, kMacs };

struct StepOptions {
  StepPrice price = StepPrice::kLatency;
  int resolution_step = 16;  // pixels
};

/// Channels are multiples of this, as published networks have them.
inline constexpr int kChannelStep = 8;
/// So many channels are added to a stage at a time at most.
inline constexpr int kMostAddedChannels = 64;

/// What may be tried next: of each stage one more block (not of a stem) and each number of channels
/// up to kMostAddedChannels more, and the next resolution. Where a number of channels takes no more
/// cycles than a smaller one, it is the larger that best_step() takes: channels are rounded up to
/// what costs nothing, whatever makes it so.
std::vector<ScaleChange> next_changes(const ScalableNetwork& network, const NetworkScale& scale,
                                      int resolution_step);

/// Of the changes that hold the budget and gain accuracy, the one with most of it for its price;
/// those that cost nothing come first, of them the one that gains most. Of equals, the one that
/// leaves the higher utilisation, then the first. Nothing if there is none.
std::optional<ScaleStep> best_step(const ScaleFigures& from, std::span<const ScaleChange> changes,
                                   double budget_ms, StepPrice price, const MeasureScale& measure);

/// The start, then one best step after another until none holds the first budget, then the next.
/// Throws InputError unless budgets ascend.
std::vector<ScaleStep> scaling_path(const ScalableNetwork& network, const ScaleStep& start,
                                    std::span<const double> budgets_ms, const StepOptions& options,
                                    const MeasureScale& measure);

/// The paths from `start` and from what it is at each smaller input, down to half its own; the one
/// that ends with the highest accuracy. Of one from a smaller input the first step is that to it:
/// what the input costs may be worth more elsewhere.
std::vector<ScaleStep> path_from_best_input(const ScalableNetwork& network, const ScaleStep& start,
                                            std::span<const double> budgets_ms,
                                            const StepOptions& options,
                                            const MeasureScale& measure);

}  // namespace dovetail
