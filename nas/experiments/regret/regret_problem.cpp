#include "nas/experiments/regret/regret_problem.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/model/remembered_costs.h"
#include "cost/simulation/simulation_costs.h"
#include "cost/table/table_costs.h"
#include "models/network/space/space_description.h"
#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

Objective objective_of(const RegretSettings& settings) {
  const RewardKind& kind = find_reward_kind(settings.reward);
  settings.require_sound();
  Objective objective;
  for (const MetricBound& part : settings.front) {
    objective.pareto.push_back(&find_metric(part.metric));
    objective.reference.push_back(part.value);
  }
  for (const MetricBound& limit : settings.limits) {
    objective.constraints.push_back({&find_metric(limit.metric), limit.value});
  }
  objective.reward = Reward{
      {{&find_metric("latency_ms"), settings.target_latency_ms, &kind, kind.default_weight}}};
  return objective;
}

SearchSpace joint_space(std::shared_ptr<const NetworkSpace> networks,
                        const std::shared_ptr<const DesignSpace>& accelerators) {
  return {{std::move(networks), std::nullopt, nullptr},
          {accelerators, accelerators->base(), std::nullopt},
          Scope::kJoint};
}

PairDomain pairs_of(const SearchSpace& space) {
  return {space.network(), space.hardware()};
}

}  // namespace

RegretProblem::RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                             std::shared_ptr<const DesignSpace> accelerators, CostTable costs,
                             std::vector<double> top1_percent, const RegretSettings& settings)
    : space_(joint_space(networks, accelerators)),
      top1_percent_(std::move(top1_percent)),
      objective_(objective_of(settings)) {
  const auto table = std::make_shared<const CostTable>(std::move(costs));
  if (settings.uses("peak_local_memory_kib") && !table->has_memory()) {
    throw InputError(
        "peak_local_memory_kib: the table has it not; remove the file to have it made anew");
  }
  costs_ = std::make_shared<TableCosts>(pairs_of(space_), table);
  for (std::size_t a = 0; a < table->accelerators(); ++a) area_mm2_.push_back(table->area_mm2(a));
  optimum_.network_space = to_json_text(describe(*networks));
  optimum_.hardware_space = to_json_text(describe(*accelerators));
  optimum_.technology = table->technology();
  optimum_.simulator = build_description();
  optimum_.settings = settings;
  find_optimum(*table);
}

RegretProblem::RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                             std::shared_ptr<const DesignSpace> accelerators, KnownOptimum optimum,
                             std::vector<double> top1_percent, bool area_known)
    : space_(joint_space(networks, accelerators)),
      top1_percent_(std::move(top1_percent)),
      objective_(objective_of(optimum.settings)),
      optimum_(std::move(optimum)) {
  const std::string name = "known optimum";
  require_same_space(describe(*networks), space_from_json_text(optimum_.network_space, name),
                     "network", name);
  require_same_space(describe(*accelerators), space_from_json_text(optimum_.hardware_space, name),
                     "hardware", name);
  optimum_.settings.area_known = area_known;
  const auto simulation = std::make_shared<SimulationCosts>(
      pairs_of(space_), SimulationOptions{optimum_.technology, 1, {}, {}});
  for (std::uint64_t a = 0; a < *accelerators->decisions().count(); ++a) {
    area_mm2_.push_back(
        simulation->area_mm2(accelerators->decode(accelerators->decisions().from_index(a))));
  }
  costs_ = std::make_shared<RememberedCosts>(simulation);
  require_todays_figures();
}

void RegretProblem::require_todays_figures() const {
  for (const OptimumPair& pair : optimum_.front) {
    const bool known = pair.network < top1_percent_.size() && pair.accelerator < area_mm2_.size();
    const Costs today = known ? costs({pair.network, pair.accelerator}) : Costs();
    const double latency = known && today.feasible() ? today.latency_ms : 0;
    const double top1 = known ? top1_percent_[pair.network] : 0;
    if (latency == pair.latency_ms && top1 == pair.top1_percent) continue;
    throw InputError(fmt::format(
        "known optimum: network {} on accelerator {} has {} % and {} ms there, {} % and {} ms with "
        "this version; enumerate again with --table",
        pair.network, pair.accelerator, pair.top1_percent, pair.latency_ms, top1, latency));
  }
}

RegretProblem::Indices RegretProblem::indices(const Choices& choices) const {
  const DecisionSpace& networks = space_.network().space->decisions();
  const auto border = choices.begin() + static_cast<std::ptrdiff_t>(networks.size());
  return {networks.index_of(Choices(choices.begin(), border)),
          space_.hardware().space->decisions().index_of(Choices(border, choices.end()))};
}

std::optional<double> RegretProblem::predicted_violation(const Choices& choices) const {
  if (!settings().area_known) return std::nullopt;
  return area_excess(indices(choices).accelerator);
}

double RegretProblem::area_excess(std::uint64_t accelerator) const {
  for (const MetricBound& limit : settings().limits) {
    if (limit.metric == "area_mm2") return std::max(0.0, area_mm2_[accelerator] / limit.value - 1);
  }
  return 0;
}

Outcome RegretProblem::outcome(const Choices& choices) const {
  const Indices at = indices(choices);
  return outcome(at, costs(at));
}

Costs RegretProblem::costs_of(const Choices& choices) const {
  return costs(indices(choices));
}

Costs RegretProblem::costs(const Indices& pair) const {
  return costs_->costs_of({space_.network().space->decisions().from_index(pair.network),
                           space_.hardware().space->decisions().from_index(pair.accelerator)});
}

Outcome RegretProblem::outcome(const Indices& pair, const Costs& costs) const {
  if (!costs.feasible()) return {};
  Evaluation evaluation;
  evaluation.status = TrialStatus::kOk;
  evaluation.costs = costs;
  evaluation.costs.area_mm2 = area_mm2_[pair.accelerator];
  evaluation.accuracy.top1_percent = top1_percent_[pair.network];
  return objective_.outcome(evaluation);
}

void RegretProblem::find_optimum(const CostTable& costs) {
  ParetoArchive archive;
  std::vector<OptimumPair> candidates;  // by position in the archive's ids
  const auto insert = [&](const OptimumPair& pair, const Outcome& its) {
    if (!archive.insert(its, static_cast<std::int64_t>(candidates.size()))) return;
    candidates.push_back(pair);
  };
  const auto costs_at = [&](std::size_t row, std::size_t a) {
    Costs its;
    its.latency_ms = costs.latency_ms(row, a);
    its.energy_mj = costs.energy_mj(row, a);
    if (costs.has_memory()) its.peak_local_memory_kib = costs.peak_local_memory_kib(row, a);
    if (its.latency_ms == 0) its.reason = InfeasibleReason::kTabled;
    return its;
  };
  // Accuracy is the network's alone: of a network only its fastest pair can be on a front of both.
  const bool fastest_only = settings().front.size() == 2 &&
                            settings().has_in_front("top1_percent") &&
                            settings().has_in_front("latency_ms");
  optimum_.networks = costs.networks();
  optimum_.accelerators = costs.accelerators();
  optimum_.feasible_pairs = costs.feasible_pairs();
  optimum_.best_reward = -std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < costs.networks(); ++row) {
    const std::uint64_t point = costs.representative(row);
    std::optional<OptimumPair> fastest;
    for (std::size_t a = 0; a < costs.accelerators(); ++a) {
      if (area_excess(a) > 0) continue;  // most of them, and cheap to tell
      const double latency = costs.latency_ms(row, a);
      const Outcome its = outcome({point, a}, costs_at(row, a));
      if (!its.acceptable()) continue;
      ++optimum_.acceptable_pairs;
      optimum_.best_reward = std::max(optimum_.best_reward, its.reward);
      const OptimumPair pair{point, a, top1_percent_[point], latency};
      if (!fastest_only) insert(pair, its);
      if (!fastest || latency < fastest->latency_ms) fastest = pair;
    }
    if (fastest && fastest_only) {
      insert(*fastest, outcome({point, fastest->accelerator}, costs_at(row, fastest->accelerator)));
    }
  }
  for (const ParetoArchive::Entry& entry : archive.entries()) {
    optimum_.front.push_back(candidates[static_cast<std::size_t>(entry.id)]);
  }
  optimum_.best_hypervolume =
      hypervolume(archive.points(), objective_.minimised(objective_.reference));
  if (optimum_.best_hypervolume <= 0 || optimum_.best_reward <= 0) {
    throw InputError(fmt::format("no pair that holds {} is better than {}, or has a reward above 0",
                                 settings().limits_text(), settings().front_text()));
  }
}

}  // namespace dovetail
