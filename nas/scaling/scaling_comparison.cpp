#include "nas/scaling/scaling_comparison.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text/error.h"
#include "models/network/blocks/network_builder.h"

namespace dovetail {
namespace {

constexpr double kMostTimes = 4;
constexpr double kDepthBase = 1.2, kWidthBase = 1.1, kResolutionBase = 1.15;

void widen(NetworkScale& scale, const ScalableNetwork& network, double factor) {
  for (std::size_t s = 0; s < scale.channels.size(); ++s) {
    const int own = network.scale().channels[s];
    scale.channels[s] = std::max(own, round_channels(own * factor));
  }
}

/// Adds a scale unless it is that of before.
void add_scale(std::vector<ScaleChange>& changes, const NetworkScale& own, NetworkScale scale,
               std::string change) {
  if (scale == (changes.empty() ? own : changes.back().scale)) return;
  changes.push_back({std::move(scale), std::move(change)});
}

std::vector<ScaleStep> measured_steps(const ScaleStep& start,
                                      const std::vector<ScaleChange>& changes,
                                      const MeasureScale& measure, double budget_ms) {
  std::vector<ScaleStep> steps{start};
  for (const ScaleChange& change : changes) {
    const std::optional<ScaleFigures> figures = measure(change.scale);
    if (figures && figures->latency_ms <= budget_ms) {
      steps.push_back({change.scale, change.change, *figures});
    }
  }
  return steps;
}

void choose_answers(ScalingMethod& method, std::span<const double> budgets_ms) {
  for (const double budget_ms : budgets_ms) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < method.steps.size(); ++i) {
      const ScaleFigures& figures = method.steps[i].figures;
      if (figures.latency_ms <= budget_ms &&
          figures.top1_percent > method.steps[best].figures.top1_percent) {
        best = i;
      }
    }
    method.answers.push_back(best);
  }
}

}  // namespace

std::vector<ScaleChange> wider_scales(const ScalableNetwork& network) {
  std::vector<ScaleChange> changes;
  for (int percent = 101; percent <= 100 * kMostTimes; ++percent) {
    NetworkScale scale = network.scale();
    widen(scale, network, percent / 100.0);
    add_scale(changes, network.scale(), std::move(scale),
              fmt::format("width x {:.2f}", percent / 100.0));
  }
  return changes;
}

std::vector<ScaleChange> finer_scales(const ScalableNetwork& network, int resolution_step) {
  std::vector<ScaleChange> changes;
  NetworkScale scale = network.scale();
  while ((scale.resolution += resolution_step) <= kMostTimes * network.scale().resolution) {
    changes.push_back({scale, fmt::format("input: {} pixels", scale.resolution)});
  }
  return changes;
}

std::vector<ScaleChange> uniform_scales(const ScalableNetwork& network, int resolution_step) {
  std::vector<ScaleChange> changes;
  const int own = network.scale().resolution;
  std::vector<ScaleChange> widths = wider_scales(network);
  widths.insert(widths.begin(), {network.scale(), "width x 1.00"});
  const int least = own - own / 2 / resolution_step * resolution_step;
  for (int resolution = least; resolution <= kMostTimes * own; resolution += resolution_step) {
    for (ScaleChange change : widths) {
      change.scale.resolution = resolution;
      change.change += fmt::format(", input: {} pixels", resolution);
      if (change.scale != network.scale()) changes.push_back(std::move(change));
    }
  }
  return changes;
}

std::vector<ScaleChange> compound_scales(const ScalableNetwork& network) {
  std::vector<ScaleChange> changes;
  for (int i = 1; i <= 160; ++i) {
    const double phi = i * 0.05;
    NetworkScale scale = network.scale();
    widen(scale, network, std::pow(kWidthBase, phi));
    for (std::size_t s = 0; s < scale.blocks.size(); ++s) {
      if (network.stages()[s].stem) continue;
      scale.blocks[s] = static_cast<int>(std::ceil(scale.blocks[s] * std::pow(kDepthBase, phi)));
    }
    scale.resolution =
        static_cast<int>(std::lround(scale.resolution * std::pow(kResolutionBase, phi)));
    add_scale(changes, network.scale(), std::move(scale), fmt::format("phi {:.2f}", phi));
  }
  return changes;
}

ScalingComparison compare_scaling(const ScalableNetwork& network, MeasuredScales& measured,
                                  std::span<const double> budgets_ms, int resolution_step) {
  const MeasureScale measure = [&](const NetworkScale& scale) { return measured(scale); };
  const ScaleStep start{network.scale(), "", measured.required(network.scale())};
  if (budgets_ms.empty() || budgets_ms.front() < start.figures.latency_ms) {
    throw InputError(fmt::format(
        "found a budget of {} ms, allowed are at least the {:.4f} ms that '{}' takes on '{}'",
        budgets_ms.empty() ? 0 : budgets_ms.front(), start.figures.latency_ms, network.base().name,
        measured.accelerator().name));
  }
  const auto path = [&](StepPrice price) {
    return path_from_best_input(network, start, budgets_ms, {price, resolution_step}, measure);
  };
  const auto series = [&](const std::vector<ScaleChange>& changes) {
    return measured_steps(start, changes, measure, budgets_ms.back());
  };
  ScalingComparison comparison{
      measured.accelerator().name, {budgets_ms.begin(), budgets_ms.end()}, {}};
  comparison.methods = {
      {"joint", "depth, width and resolution, by gain over latency", path(StepPrice::kLatency), {}},
      {"larger",
       "the same, never with a smaller input",
       scaling_path(network, start, budgets_ms, {StepPrice::kLatency, resolution_step}, measure),
       {}},
      {"width", "width alone", series(wider_scales(network)), {}},
      {"resolution", "resolution alone", series(finer_scales(network, resolution_step)), {}},
      {"uniform",
       "one width and a resolution",
       series(uniform_scales(network, resolution_step)),
       {}},
      {"compound", "EfficientNet's 1.2, 1.1, 1.15", series(compound_scales(network)), {}},
      {"macs", "as joint, by gain over MACs", path(StepPrice::kMacs), {}}};
  for (ScalingMethod& method : comparison.methods) choose_answers(method, budgets_ms);
  return comparison;
}

}  // namespace dovetail
