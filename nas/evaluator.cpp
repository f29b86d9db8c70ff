#include "nas/evaluator.h"

#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/worker_pool.h"

namespace dovetail {
namespace {

/// Figures that are no numbers would spoil every comparison after them.
Evaluation checked(Evaluation evaluation) {
  if (!evaluation.ok()) return evaluation;
  for (const MetricInfo& metric : metric_table()) {
    if (!metric.predicted && !evaluation.simulated) continue;
    const double value = metric.get(evaluation.metrics);
    if (!std::isfinite(value) || value <= 0) {
      return Evaluation::without_figures(
          TrialStatus::kFailed, metric.key + " is not a positive number", evaluation.simulated);
    }
  }
  return evaluation;
}

// An evaluation on its way from a worker to its parent, on one machine.
struct PackedEvaluation {
  TrialStatus status;
  bool simulated, extrapolated;
  Metrics metrics;
};

std::string pack(const Evaluation& evaluation) {
  PackedEvaluation packed{};
  packed.status = evaluation.status;
  packed.simulated = evaluation.simulated;
  packed.extrapolated = evaluation.extrapolated;
  packed.metrics = evaluation.metrics;
  std::string bytes(sizeof packed, '\0');
  std::memcpy(bytes.data(), &packed, sizeof packed);
  return bytes + evaluation.reason;
}

Evaluation unpack(const std::string& bytes) {
  PackedEvaluation packed;
  if (bytes.size() < sizeof packed) throw RunError("a worker sent half an answer");
  std::memcpy(&packed, bytes.data(), sizeof packed);
  return {packed.status,    bytes.substr(sizeof packed), packed.metrics,
          packed.simulated, packed.extrapolated,         std::nullopt};
}

}  // namespace

const Evaluation& AccuracyCache::of(const Choices& network) {
  const auto found = known_.find(network);
  if (found != known_.end()) return found->second;
  Evaluation evaluation;
  try {
    const AccuracyEstimate estimate = source_->accuracy(network);
    evaluation.status = TrialStatus::kOk;
    evaluation.metrics.top1_percent = estimate.top1_percent;
    evaluation.extrapolated = estimate.extrapolated;
  } catch (const InputError& e) {
    evaluation = Evaluation::without_figures(TrialStatus::kRefused, e.what(), false);
  }
  return known_.emplace(network, std::move(evaluation)).first->second;
}

SimulationEvaluator::SimulationEvaluator(const SearchSpace& space,
                                         std::shared_ptr<AccuracySource> accuracy,
                                         std::shared_ptr<Simulator> simulator, int workers)
    : space_(space),
      accuracy_(std::move(accuracy)),
      simulator_(std::move(simulator)),
      workers_(workers) {}

std::vector<Evaluation> SimulationEvaluator::evaluate(std::span<const Choices> candidates,
                                                      const KeepGoing& keep_going) {
  // Accuracy first: a network that it refuses need not be simulated.
  std::vector<Evaluation> evaluations;
  std::vector<std::size_t> to_simulate;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (keep_going && !keep_going()) break;
    evaluations.push_back(accuracy_.of(space_.decode(candidates[i]).network));
    if (evaluations.back().ok()) to_simulate.push_back(i);
  }

  const auto work = [&](std::uint64_t task) {
    return pack(simulate(candidates[to_simulate[task]]));
  };
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    Evaluation& evaluation = evaluations[to_simulate[task]];
    Evaluation simulated = unpack(bytes);
    simulated.metrics.top1_percent = evaluation.metrics.top1_percent;
    simulated.extrapolated = evaluation.extrapolated;
    evaluation = checked(std::move(simulated));
  };
  const std::uint64_t done =
      run_in_workers(to_simulate.size(), workers_, work, deliver, keep_going);
  if (done < to_simulate.size()) evaluations.resize(to_simulate[done]);
  return evaluations;
}

Evaluation SimulationEvaluator::simulate(const Choices& candidate) {
  try {
    const SimulationResult result =
        simulator_->run(space_.build_network(candidate), space_.decode(candidate).accelerator);
    if (!result.feasible()) {
      return Evaluation::without_figures(
          TrialStatus::kInfeasible, to_string(result.reason) + ": " + result.reason_text, true);
    }
    Evaluation evaluation;
    evaluation.status = TrialStatus::kOk;
    evaluation.simulated = true;
    evaluation.metrics.latency_ms = result.latency_ms;
    evaluation.metrics.area_mm2 = result.area_mm2;
    evaluation.metrics.cycles = result.cycles;
    evaluation.metrics.energy_mj = result.energy.total();
    evaluation.metrics.peak_local_memory_kib =
        static_cast<double>(result.memory.local_memory_peak_bytes) / 1024;
    return evaluation;
  } catch (const std::exception& e) {
    return Evaluation::without_figures(TrialStatus::kFailed, e.what(), true);
  }
}

void require_points_of_spaces(const SearchSpace& space) {
  if (!space.network().space || !space.hardware().space) {
    throw InputError("a surrogate needs a network space and a hardware space");
  }
  if (space.scope() == Scope::kNetwork && !space.hardware().baseline_choices) {
    throw InputError("accelerator '" + space.hardware().baseline.name + "' is not a point of '" +
                     space.hardware().space->name() + "', on which the surrogate is trained");
  }
}

SurrogateEvaluator::SurrogateEvaluator(const SearchSpace& space,
                                       std::shared_ptr<AccuracySource> accuracy,
                                       std::shared_ptr<const Surrogate> surrogate,
                                       std::shared_ptr<const Simulator> simulator)
    : space_(space),
      accuracy_(std::move(accuracy)),
      surrogate_(std::move(surrogate)),
      simulator_(std::move(simulator)) {
  require_points_of_spaces(space_);
  surrogate_->require_spaces(space_.network().space->decisions(),
                             space_.hardware().space->decisions());
}

std::vector<Evaluation> SurrogateEvaluator::evaluate(std::span<const Choices> candidates,
                                                     const KeepGoing& keep_going) {
  std::vector<Evaluation> evaluations;
  std::vector<Candidate> decoded;
  std::vector<Choices> networks, hardware;
  for (const Choices& choices : candidates) {
    if (keep_going && !keep_going()) break;
    decoded.push_back(space_.decode(choices));
    evaluations.push_back(accuracy_.of(decoded.back().network));
    networks.push_back(decoded.back().network);
    hardware.push_back(decoded.back().hardware);
  }
  if (evaluations.empty()) return evaluations;
  const std::vector<CostPrediction> costs = surrogate_->predict(networks, hardware);
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    Evaluation& evaluation = evaluations[i];
    if (!evaluation.ok()) continue;
    if (costs[i].feasible_probability < 0.5) {
      evaluation = Evaluation::without_figures(TrialStatus::kInfeasible,
                                               "predicted to be infeasible", false);
      continue;
    }
    evaluation.metrics.latency_ms = costs[i].latency_ms;
    evaluation.metrics.energy_mj = costs[i].energy_mj;
    evaluation.metrics.area_mm2 = simulator_->area_mm2(decoded[i].accelerator);
    if (surrogate_->members() > 1) {
      evaluation.spread = {costs[i].latency_spread_percent, costs[i].energy_spread_percent};
    }
    evaluation = checked(std::move(evaluation));
  }
  return evaluations;
}

std::vector<Evaluation> CachedEvaluator::evaluate(std::span<const Choices> candidates,
                                                  const KeepGoing& keep_going) {
  std::vector<Choices> canonical, missing;
  std::set<Choices> asked;
  for (const Choices& choices : candidates) {
    canonical.push_back(space_.canonical(choices));
    if (!known_.contains(canonical.back()) && asked.insert(canonical.back()).second) {
      missing.push_back(canonical.back());
    }
  }
  const std::vector<Evaluation> found = evaluator_->evaluate(missing, keep_going);
  for (std::size_t i = 0; i < found.size(); ++i) known_.emplace(missing[i], found[i]);

  std::vector<Evaluation> evaluations;
  for (const Choices& choices : canonical) {
    const auto known = known_.find(choices);
    if (known == known_.end()) break;
    evaluations.push_back(known->second);
  }
  return evaluations;
}

void CachedEvaluator::remember(const Choices& candidate, const Evaluation& evaluation) {
  known_.emplace(space_.canonical(candidate), evaluation);
}

}  // namespace dovetail
