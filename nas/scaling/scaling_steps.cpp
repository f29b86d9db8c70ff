#include "nas/scaling/scaling_steps.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr double kEqual = 1e-9;  // relative: what rounding makes of equal gains

/// Gain in accuracy for the price, and what decides among equals.
struct StepWorth {
  double ratio = 0;  // infinite where it costs nothing
  double gain = 0, utilization = 0;

  /// Whether it is to be taken before another.
  bool exceeds(const StepWorth& other) const {
    if (std::isinf(ratio) && std::isinf(other.ratio)) return precedes(gain, other.gain, other);
    return precedes(ratio, other.ratio, other);
  }

 private:
  bool precedes(double mine, double others, const StepWorth& other) const {
    if (mine > others * (1 + kEqual)) return true;
    if (others > mine * (1 + kEqual)) return false;
    return utilization > other.utilization * (1 + kEqual);
  }
};

std::string input_text(const NetworkScale& before, const NetworkScale& after) {
  return fmt::format("input: {} to {} pixels", before.resolution, after.resolution);
}

StepWorth worth_of(const ScaleFigures& from, const ScaleFigures& to, StepPrice price) {
  StepWorth worth;
  worth.gain = to.top1_percent - from.top1_percent;
  worth.utilization = to.utilization;
  const double paid = price == StepPrice::kLatency ? static_cast<double>(to.cycles - from.cycles)
                                                   : static_cast<double>(to.macs - from.macs);
  worth.ratio = paid <= 0 ? std::numeric_limits<double>::infinity() : worth.gain / paid;
  return worth;
}

}  // namespace

std::vector<ScaleChange> next_changes(const ScalableNetwork& network, const NetworkScale& scale,
                                      int resolution_step) {
  std::vector<ScaleChange> changes;
  for (std::size_t s = 0; s < network.stages().size(); ++s) {
    if (!network.stages()[s].stem) {
      NetworkScale deeper = scale;
      ++deeper.blocks[s];
      changes.push_back(
          {deeper, fmt::format("stage {}: {} to {} blocks", s, scale.blocks[s], deeper.blocks[s])});
    }
    const int channels = scale.channels[s];
    for (int more = kChannelStep - channels % kChannelStep; more <= kMostAddedChannels;
         more += kChannelStep) {
      NetworkScale wider = scale;
      wider.channels[s] += more;
      changes.push_back({std::move(wider),
                         fmt::format("stage {}: {} to {} channels", s, channels, channels + more)});
    }
  }
  NetworkScale finer = scale;
  finer.resolution += resolution_step;
  changes.push_back({finer, input_text(scale, finer)});
  return changes;
}

std::optional<ScaleStep> best_step(const ScaleFigures& from, std::span<const ScaleChange> changes,
                                   double budget_ms, StepPrice price, const MeasureScale& measure) {
  std::optional<ScaleStep> best;
  StepWorth best_worth;
  for (const ScaleChange& change : changes) {
    const std::optional<ScaleFigures> figures = measure(change.scale);
    if (!figures || figures->latency_ms > budget_ms) continue;
    if (figures->top1_percent <= from.top1_percent) continue;
    const StepWorth worth = worth_of(from, *figures, price);
    if (best && !worth.exceeds(best_worth)) continue;
    best = ScaleStep{change.scale, change.change, *figures};
    best_worth = worth;
  }
  return best;
}

std::vector<ScaleStep> scaling_path(const ScalableNetwork& network, const ScaleStep& start,
                                    std::span<const double> budgets_ms, const StepOptions& options,
                                    const MeasureScale& measure) {
  if (!std::ranges::is_sorted(budgets_ms)) {
    throw InputError("found latency budgets that do not ascend, allowed are ascending ones");
  }
  std::vector<ScaleStep> path{start};
  for (const double budget_ms : budgets_ms) {
    while (true) {
      const std::vector<ScaleChange> changes =
          next_changes(network, path.back().scale, options.resolution_step);
      std::optional<ScaleStep> step =
          best_step(path.back().figures, changes, budget_ms, options.price, measure);
      if (!step) break;
      path.push_back(std::move(*step));
    }
  }
  return path;
}

std::vector<ScaleStep> path_from_best_input(const ScalableNetwork& network, const ScaleStep& start,
                                            std::span<const double> budgets_ms,
                                            const StepOptions& options,
                                            const MeasureScale& measure) {
  std::vector<ScaleStep> best = scaling_path(network, start, budgets_ms, options, measure);
  NetworkScale smaller = start.scale;
  while ((smaller.resolution -= options.resolution_step) * 2 >= start.scale.resolution) {
    const std::optional<ScaleFigures> figures = measure(smaller);
    if (!figures) break;
    const ScaleStep first{smaller, input_text(start.scale, smaller), *figures};
    std::vector<ScaleStep> path = scaling_path(network, first, budgets_ms, options, measure);
    if (path.back().figures.top1_percent <= best.back().figures.top1_percent) continue;
    path.insert(path.begin(), start);
    best = std::move(path);
  }
  return best;
}

}  // namespace dovetail
