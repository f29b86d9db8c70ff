#include "nas/study/study_results.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

constexpr std::size_t kConvergencePoints = 100;

/// The non-dominated among `members`, in the archive's order.
std::vector<FrontMember> front_of(const Objective& objective,
                                  const std::vector<FrontMember>& members) {
  ParetoArchive archive;
  for (std::size_t i = 0; i < members.size(); ++i) {
    archive.insert(objective.outcome(members[i].trial.evaluation), static_cast<std::int64_t>(i));
  }
  std::vector<FrontMember> front;
  for (const ParetoArchive::Entry& entry : archive.entries()) front.push_back(members[entry.id]);
  return front;
}

/// The acceptable candidate with the largest reward among those seen.
class BestReward {
 public:
  explicit BestReward(const Objective& objective) : objective_(objective) {}
  void add(const Evaluation& evaluation, const Outcome& outcome) {
    if (!objective_.reward || !outcome.acceptable()) return;
    if (best_ != nullptr && outcome.reward <= reward_) return;
    best_ = &evaluation;
    reward_ = outcome.reward;
  }
  void write(ConvergencePoint& point) const {
    if (best_ == nullptr) return;
    point.best_reward = reward_;
    for (const RewardTerm& term : objective_.reward->terms) {
      const double cost = best_->value(*term.metric);
      point.over_target_percent.push_back(100 * (cost / term.target - 1));
    }
  }

 private:
  const Objective& objective_;
  const Evaluation* best_ = nullptr;
  double reward_ = 0;
};

/// Fills in history and convergence, but for the distance to what other searches found.
void follow(const Objective& objective, const std::vector<TrialRecord>& trials, RunResult& result) {
  const std::vector<double> reference = objective.minimised(objective.reference);
  const std::size_t every =
      std::max<std::size_t>(1, (trials.size() + kConvergencePoints - 1) / kConvergencePoints);
  BestReward best(objective);
  bool simulated = true;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Evaluation& evaluation = trials[i].evaluation;
    simulated = simulated && (evaluation.simulated || !evaluation.ok());
    const Outcome outcome = objective.outcome(evaluation);
    result.history.add(outcome);
    best.add(evaluation, outcome);
    if ((i + 1) % every != 0 && i + 1 != trials.size()) continue;
    ConvergencePoint point;
    point.evaluations = static_cast<std::int64_t>(i + 1);
    point.hypervolume = hypervolume(result.history.front().points(), reference);
    best.write(point);
    result.convergence.push_back(std::move(point));
  }
  // A curve is of one kind.
  for (ConvergencePoint& point : result.convergence) point.simulated = simulated;
}

/// What needs all searches: distances to the best known, and when targets were reached.
void measure_against_best_known(const StudySetup& setup, StudyResults& results) {
  const Objective& objective = setup.objective();
  const std::vector<double> reference = objective.minimised(objective.reference);
  std::vector<SearchKind> kinds;
  for (const std::string& label : setup.labels()) {
    kinds.push_back({label, {}});
    for (const RunResult& result : results.runs) {
      if (result.run.label == label) kinds.back().searches.push_back(&result.history);
    }
  }
  const double best = best_known_hypervolume(kinds, reference);
  for (RunResult& result : results.runs) {
    for (ConvergencePoint& point : result.convergence) {
      if (best > 0) point.distance_percent = 100 * (1 - point.hypervolume / best);
    }
  }
  results.attainments = attainments(kinds, reference);
}

/// Mean relative error of the predictions of `searched`, known from `simulated`.
std::optional<double> prediction_error_percent(const std::vector<TrialRecord>& searched,
                                               const std::vector<TrialRecord>& simulated,
                                               const Figure& figure) {
  std::map<std::pair<std::int64_t, Choices>, double> predicted;
  for (const TrialRecord& trial : searched) {
    if (!trial.evaluation.ok()) continue;
    predicted[{trial.step, trial.choices}] = trial.evaluation.value(figure);
  }
  double sum = 0;
  std::size_t count = 0;
  for (const TrialRecord& trial : simulated) {
    const auto at = predicted.find({trial.step, trial.choices});
    if (!trial.evaluation.ok() || at == predicted.end()) continue;
    const double truth = trial.evaluation.value(figure);
    sum += std::abs(at->second - truth) / truth;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return 100 * sum / static_cast<double>(count);
}

RunResult run_result(const StudySetup& setup, const StudyStore& store, std::size_t run) {
  const Objective& objective = setup.objective();
  RunResult result;
  result.run = setup.runs()[run];
  const std::vector<TrialRecord> searched = store.trials(run, Stage::kSearch);
  const std::vector<TrialRecord> resimulated = store.trials(run, Stage::kResimulate);
  result.searched = static_cast<std::int64_t>(searched.size());
  for (const TrialRecord& trial : searched) ++result.by_status[trial.evaluation.status];

  // Only what was simulated may answer.
  std::vector<FrontMember> simulated;
  for (const auto* trials : {&searched, &resimulated}) {
    for (const TrialRecord& trial : *trials) {
      if (!trial.evaluation.simulated) continue;
      ++result.simulated;
      simulated.push_back({result.run, trial});
      if (!objective.reward || !objective.outcome(trial.evaluation).acceptable()) continue;
      if (!result.best_reward || *trial.reward > *result.best_reward->trial.reward) {
        result.best_reward = simulated.back();
      }
    }
  }
  result.front = front_of(objective, simulated);
  std::vector<std::vector<double>> points;
  for (const FrontMember& member : result.front) {
    points.push_back(objective.outcome(member.trial.evaluation).objectives);
  }
  result.hypervolume = hypervolume(points, objective.minimised(objective.reference));
  result.latency_error_percent =
      prediction_error_percent(searched, resimulated, find_figure("latency_ms"));
  result.energy_error_percent =
      prediction_error_percent(searched, resimulated, find_figure("energy_mj"));
  follow(objective, searched, result);
  return result;
}

bool has_metric(const Objective& objective, const std::string& key) {
  return std::any_of(objective.pareto.begin(), objective.pareto.end(),
                     [&](const Figure* metric) { return metric->key == key; });
}

}  // namespace

FrontComparison compare_fronts(const std::vector<FrontMember>& joint,
                               const std::vector<FrontMember>& fixed, const Figure& cost) {
  FrontComparison comparison;
  comparison.cost = &cost;
  comparison.points = fixed.size();
  for (const FrontMember& member : fixed) {
    const Evaluation& here = member.trial.evaluation;
    const double here_top1 = here.accuracy.top1_percent, here_cost = here.value(cost);
    double best_top1 = -std::numeric_limits<double>::infinity();
    double best_cost = std::numeric_limits<double>::infinity();
    for (const FrontMember& other : joint) {
      const Evaluation& there = other.trial.evaluation;
      const double there_top1 = there.accuracy.top1_percent, there_cost = there.value(cost);
      if (there_cost <= here_cost) best_top1 = std::max(best_top1, there_top1);
      if (there_top1 >= here_top1) best_cost = std::min(best_cost, there_cost);
    }
    if (std::isfinite(best_top1)) {
      ++comparison.matched_cost;
      comparison.top1_gain_points += best_top1 - here_top1;
    }
    if (std::isfinite(best_cost)) {
      ++comparison.matched_accuracy;
      comparison.cost_cut_percent += 100 * (1 - best_cost / here_cost);
    }
  }
  if (comparison.matched_cost > 0) {
    comparison.top1_gain_points /= static_cast<double>(comparison.matched_cost);
  }
  if (comparison.matched_accuracy > 0) {
    comparison.cost_cut_percent /= static_cast<double>(comparison.matched_accuracy);
  }
  return comparison;
}

StudyResults study_results(const StudySetup& setup, const StudyStore& store) {
  StudyResults results;
  std::map<std::string, std::vector<FrontMember>> members;
  for (std::size_t run = 0; run < setup.runs().size(); ++run) {
    results.runs.push_back(run_result(setup, store, run));
    const RunResult& result = results.runs.back();
    auto& all = members[result.run.label];
    all.insert(all.end(), result.front.begin(), result.front.end());
  }
  for (const auto& [label, all] : members) {
    results.fronts[label] = front_of(setup.objective(), all);
  }
  measure_against_best_known(setup, results);
  results.rounds = round_results(setup, store);
  const bool compare =
      setup.config().compare_with_fixed_hardware && has_metric(setup.objective(), "top1_percent");
  for (const Figure* metric : setup.objective().pareto) {
    if (!compare || metric->maximise) continue;
    results.comparisons.push_back(compare_fronts(results.fronts.at(run_label(Scope::kJoint)),
                                                 results.fronts.at(run_label(Scope::kNetwork)),
                                                 *metric));
  }
  return results;
}

}  // namespace dovetail
