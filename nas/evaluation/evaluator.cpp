#include "nas/evaluation/evaluator.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <set>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// Wall time since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What was found together took equal parts of the time.
void share_time(std::vector<Evaluation>& evaluations, const Stopwatch& watch) {
  const double each = watch.seconds() / static_cast<double>(evaluations.size());
  for (Evaluation& evaluation : evaluations) evaluation.took.seconds = each;
}

/// Figures that are no numbers would spoil every comparison after them.
Evaluation checked(Evaluation evaluation, bool accuracy_known, bool all_known) {
  if (!evaluation.ok()) return evaluation;
  for (const Figure& metric : metrics()) {
    const double value = evaluation.value(metric);
    if (!accuracy_known && metric.key == "top1_percent") continue;
    if (!all_known && std::isnan(value)) continue;
    // What predicts latency alone leaves the energy unknown, and the study uses none.
    const bool unknown = std::isnan(evaluation.costs.energy_mj) && std::isnan(value);
    if (!evaluation.simulated && (!metric.predicted || unknown)) continue;
    if (!std::isfinite(value) || value <= 0) {
      Evaluation failed = Evaluation::without_figures(
          TrialStatus::kFailed, metric.key + " is not a positive number", evaluation.simulated);
      failed.took = evaluation.took;
      return failed;
    }
  }
  return evaluation;
}

/// What one step finds of candidates: one evaluation for each, or for the first few if stopped.
using Step = std::function<std::vector<Evaluation>(std::span<const Choices>)>;

/// Two steps, the second only for candidates that the first had figures for.
std::vector<Evaluation> in_steps(
    std::span<const Choices> candidates, const Step& first, const Step& second,
    const std::function<Evaluation(const Evaluation&, const Evaluation&)>& merge) {
  std::vector<Evaluation> evaluations = first(candidates);
  std::vector<std::size_t> position;
  std::vector<Choices> left;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    if (!evaluations[i].ok()) continue;
    position.push_back(i);
    left.push_back(candidates[i]);
  }
  const std::vector<Evaluation> others = second(left);
  for (std::size_t i = 0; i < others.size(); ++i) {
    Evaluation& evaluation = evaluations[position[i]];
    const double first_took = evaluation.took.seconds;
    evaluation = merge(evaluation, others[i]);
    evaluation.took.seconds = first_took + others[i].took.seconds;
  }
  if (others.size() < left.size()) evaluations.resize(position[others.size()]);
  return evaluations;
}

/// Status kOk with top1_percent filled in, or the status and reason of the source.
std::vector<Evaluation> accuracies(const SearchSpace& space, AccuracyCache& accuracy,
                                   std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) {
  std::vector<Choices> networks;
  for (const Choices& candidate : candidates) networks.push_back(space.decode(candidate).network);
  std::vector<Evaluation> evaluations;
  const Stopwatch watch;
  for (const AccuracyAnswer& answer : accuracy.of(networks, keep_going)) {
    if (!answer.ok()) {
      evaluations.push_back(
          Evaluation::without_figures(trial_status(answer.status), answer.reason, false));
      continue;
    }
    Evaluation evaluation;
    evaluation.status = TrialStatus::kOk;
    evaluation.accuracy = answer.estimate;
    evaluations.push_back(std::move(evaluation));
  }
  share_time(evaluations, watch);
  return evaluations;
}

/// kSkipped, with its costs, where a limit on a cost is broken.
Evaluation within_limits(Evaluation evaluation, std::span<const Constraint> limits) {
  if (!evaluation.ok()) return evaluation;
  for (const Constraint& limit : limits) {
    if (limit.metric->maximise || !(evaluation.value(*limit.metric) > limit.limit)) continue;
    evaluation.status = TrialStatus::kSkipped;
    evaluation.reason = fmt::format("constraint: {} {:.4g} > {:.4g}", limit.metric->key,
                                    evaluation.value(*limit.metric), limit.limit);
    return evaluation;
  }
  return evaluation;
}

/// Accuracy and costs of candidates. A network that a quick source refuses need not be simulated;
/// a slow source is asked only about networks that run on their accelerator.
std::vector<Evaluation> accuracies_and_costs(const SearchSpace& space, AccuracyCache& accuracy,
                                             std::span<const Choices> candidates, const Step& costs,
                                             bool all_known, const KeepGoing& keep_going) {
  const Step quality = [&](std::span<const Choices> some) {
    return accuracies(space, accuracy, some, keep_going);
  };
  const auto merge = [&](const Evaluation& accuracy_part, Evaluation cost_part) {
    if (!cost_part.ok()) return cost_part;
    cost_part.accuracy = accuracy_part.accuracy;
    return checked(std::move(cost_part), accuracy.source().speaks(), all_known);
  };
  if (!accuracy.source().slow()) return in_steps(candidates, quality, costs, merge);
  return in_steps(candidates, costs, quality,
                  [&](const Evaluation& cost_part, const Evaluation& accuracy_part) {
                    return accuracy_part.ok() ? merge(accuracy_part, cost_part) : accuracy_part;
                  });
}

Evaluation evaluation_of(const PairCosts& found, bool simulated) {
  const TrialStatus without = found.refused ? TrialStatus::kRefused : TrialStatus::kFailed;
  Evaluation evaluation =
      found.failure ? Evaluation::without_figures(without, found.failure->bytes, simulated)
                    : Evaluation::of_costs(found.costs, simulated);
  evaluation.took.seconds = found.seconds;
  return evaluation;
}

}  // namespace

PairEvaluator::PairEvaluator(const SearchSpace& space, std::shared_ptr<AccuracyCache> accuracy,
                             std::shared_ptr<CostModel> costs, std::vector<Constraint> limits)
    : space_(space),
      accuracy_(std::move(accuracy)),
      costs_(std::move(costs)),
      limits_(std::move(limits)) {}

std::vector<Evaluation> PairEvaluator::evaluate(std::span<const Choices> candidates,
                                                const KeepGoing& keep_going) {
  return accuracies_and_costs(
      space_, *accuracy_, candidates,
      [&](std::span<const Choices> some) { return costs(some, keep_going); },
      costs_->knows_all_figures(), keep_going);
}

std::vector<Evaluation> PairEvaluator::costs(std::span<const Choices> candidates,
                                             const KeepGoing& keep_going) {
  std::vector<Pair> pairs;
  for (const Choices& choices : candidates) {
    const Candidate candidate = space_.decode(choices);
    pairs.push_back({candidate.network, candidate.hardware});
  }
  std::vector<Evaluation> evaluations;
  for (const PairCosts& found : costs_->costs(pairs, keep_going)) {
    evaluations.push_back(evaluation_of(found, costs_->simulates()));
    if (!accuracy_->source().slow()) continue;
    evaluations.back() = within_limits(std::move(evaluations.back()), limits_);
  }
  return evaluations;
}

void require_points_of_spaces(const SearchSpace& space, const std::string& what) {
  if (!space.network().space || !space.hardware().space) {
    throw InputError("a " + what + " needs a network space and a hardware space");
  }
  if (space.scope() == Scope::kNetwork && !space.hardware().baseline_choices) {
    throw InputError("accelerator '" + space.hardware().baseline.name + "' is not a point of '" +
                     space.hardware().space->name() + "', on which the " + what + " is trained");
  }
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
    known->second.took = {};  // from now on it is known
  }
  return evaluations;
}

void CachedEvaluator::remember(const Choices& candidate, const Evaluation& evaluation) {
  known_.emplace(space_.canonical(candidate), evaluation).first->second.took = {};
}

}  // namespace dovetail
