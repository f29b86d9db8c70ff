#include "nas/regret/regret_problem.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "nas/hypervolume.h"
#include "nas/pareto.h"

namespace dovetail {
namespace {

Objective objective_of(const RegretSettings& settings) {
  const RewardKind& kind = find_reward_kind(settings.reward);
  const MetricInfo &top1 = find_metric("top1_percent"), &latency = find_metric("latency_ms");
  Objective objective;
  objective.pareto = {&top1, &latency};
  objective.reference = {settings.reference_top1_percent, settings.reference_latency_ms};
  objective.constraints = {{&find_metric("area_mm2"), settings.max_area_mm2}};
  objective.reward = Reward{&kind, {{&latency, settings.target_latency_ms, kind.default_weight}}};
  return objective;
}

}  // namespace

RegretProblem::RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                             std::shared_ptr<const DesignSpace> accelerators, CostTable costs,
                             std::vector<double> top1_percent, const RegretSettings& settings)
    : space_({std::move(networks), std::nullopt, nullptr},
             {accelerators, accelerators->base(), std::nullopt}, Scope::kJoint),
      costs_(std::move(costs)),
      top1_percent_(std::move(top1_percent)),
      settings_(settings),
      objective_(objective_of(settings)) {
  find_optimum();
}

RegretProblem::Indices RegretProblem::indices(const Choices& choices) const {
  const DecisionSpace& networks = space_.network().space->decisions();
  const auto border = choices.begin() + static_cast<std::ptrdiff_t>(networks.size());
  return {networks.index_of(Choices(choices.begin(), border)),
          space_.hardware().space->decisions().index_of(Choices(border, choices.end()))};
}

std::optional<double> RegretProblem::predicted_violation(const Choices& choices) const {
  if (!settings_.area_known) return std::nullopt;
  const double area = costs_.area_mm2(indices(choices).accelerator);
  return std::max(0.0, area / settings_.max_area_mm2 - 1);
}

Outcome RegretProblem::outcome(const Choices& choices) const {
  const Indices at = indices(choices);
  return outcome(at.network, at.accelerator);
}

Outcome RegretProblem::outcome(std::uint64_t network_point, std::size_t accelerator) const {
  Evaluation evaluation;
  evaluation.metrics.latency_ms = costs_.latency_ms(costs_.network_row(network_point), accelerator);
  if (evaluation.metrics.latency_ms == 0) return {};
  evaluation.status = TrialStatus::kOk;
  evaluation.metrics.top1_percent = top1_percent_[network_point];
  evaluation.metrics.area_mm2 = costs_.area_mm2(accelerator);
  return objective_.outcome(evaluation);
}

void RegretProblem::find_optimum() {
  ParetoArchive archive;
  best_reward_ = -std::numeric_limits<double>::infinity();
  std::size_t acceptable = 0;
  for (std::size_t row = 0; row < costs_.networks(); ++row) {
    const std::uint64_t point = costs_.representative(row);
    std::optional<std::size_t> fastest;
    for (std::size_t a = 0; a < costs_.accelerators(); ++a) {
      const double latency = costs_.latency_ms(row, a);
      if (latency == 0 || costs_.area_mm2(a) > settings_.max_area_mm2) continue;
      ++acceptable;
      if (!fastest || latency < costs_.latency_ms(row, *fastest)) fastest = a;
      // Not all rewards fall with latency, so all are looked at.
      best_reward_ = std::max(best_reward_, outcome(point, a).reward);
    }
    // Accuracy is the network's alone: of a network only its fastest pair can be on the front.
    if (fastest) archive.insert(outcome(point, *fastest), static_cast<std::int64_t>(row));
  }
  front_ = archive.points();
  best_hypervolume_ = hypervolume(front_, objective_.minimised(objective_.reference));
  acceptable_share_ = static_cast<double>(acceptable) /
                      static_cast<double>(costs_.networks() * costs_.accelerators());
  if (best_hypervolume_ <= 0 || best_reward_ <= 0) {
    throw InputError(fmt::format(
        "no pair within {} mm2 is better than {} % and {} ms, or has a reward above 0",
        settings_.max_area_mm2, settings_.reference_top1_percent, settings_.reference_latency_ms));
  }
}

}  // namespace dovetail
