#include "nas/analysis/run_result.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nas/analysis/fronts.h"
#include "nas/objective/hypervolume.h"

namespace dovetail {
namespace {

constexpr std::size_t kConvergencePoints = 100;

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

/// The trials in the order in which they came, and what became of them.
void add_history(const Objective& objective, const TrialList& trials, RunResult& result) {
  result.searched = trials;
  for (const StoredTrial* trial : trials) {
    ++result.by_status[trial->record.evaluation.status];
    result.history.add(objective.outcome(trial->record.evaluation));
  }
}

void add_best(const Objective& objective, const TrialList& trials, RunResult& result) {
  result.front = front_of(objective, trials);
  result.hypervolume = hypervolume_of(objective, result.front);
  if (!objective.reward) return;
  result.best_reward =
      best_of(objective, trials, [](const StoredTrial& trial) { return *trial.record.reward; });
}

/// Mean relative error of the predictions of `searched`, known from `simulated`.
std::optional<double> prediction_error_percent(const TrialList& searched,
                                               const TrialList& simulated, const Figure& figure) {
  std::map<std::pair<std::int64_t, Choices>, double> predicted;
  for (const StoredTrial* trial : searched) {
    const TrialRecord& record = trial->record;
    if (!record.evaluation.ok()) continue;
    predicted[{record.step, record.choices}] = record.evaluation.value(figure);
  }
  double sum = 0;
  std::size_t count = 0;
  for (const StoredTrial* trial : simulated) {
    const TrialRecord& record = trial->record;
    const auto at = predicted.find({record.step, record.choices});
    if (!record.evaluation.ok() || at == predicted.end()) continue;
    const double truth = record.evaluation.value(figure);
    sum += std::abs(at->second - truth) / truth;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return 100 * sum / static_cast<double>(count);
}

}  // namespace

std::size_t RunResult::simulated() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      final_trials, [](const StoredTrial* trial) { return trial->record.evaluation.simulated; }));
}

RunResult run_result(const StoredStudy& study, const Objective& objective, std::size_t run) {
  RunResult result;
  result.run = study.description.runs[run];
  add_history(objective, study.trials_of(run, Stage::kSearch), result);
  const TrialList resimulated = study.trials_of(run, Stage::kResimulate);
  // Only what is final may answer.
  result.final_trials = final_of(study, result.searched);
  const TrialList again = final_of(study, resimulated);
  result.final_trials.insert(result.final_trials.end(), again.begin(), again.end());
  add_best(objective, result.final_trials, result);
  result.latency_error_percent =
      prediction_error_percent(result.searched, resimulated, find_figure("latency_ms"));
  result.energy_error_percent =
      prediction_error_percent(result.searched, resimulated, find_figure("energy_mj"));
  return result;
}

RunResult claimed_result(const StoredStudy& study, const Objective& objective, std::size_t run) {
  RunResult result;
  result.run = study.description.runs[run];
  add_history(objective, study.trials_of(run, Stage::kClaimed), result);
  add_best(objective, result.searched, result);
  return result;
}

std::vector<ConvergencePoint> convergence_of(const Objective& objective, const TrialList& searched,
                                             double best_known) {
  const std::vector<double> reference = objective.minimised(objective.reference);
  const std::size_t every =
      std::max<std::size_t>(1, (searched.size() + kConvergencePoints - 1) / kConvergencePoints);
  SearchHistory history;
  BestReward best(objective);
  bool simulated = true;
  std::vector<ConvergencePoint> points;
  for (std::size_t i = 0; i < searched.size(); ++i) {
    const Evaluation& evaluation = searched[i]->record.evaluation;
    simulated = simulated && (evaluation.simulated || !evaluation.ok());
    const Outcome outcome = objective.outcome(evaluation);
    history.add(outcome);
    best.add(evaluation, outcome);
    if ((i + 1) % every != 0 && i + 1 != searched.size()) continue;
    ConvergencePoint point;
    point.evaluations = static_cast<std::int64_t>(i + 1);
    point.hypervolume = hypervolume(history.front().points(), reference);
    if (best_known > 0) point.distance_percent = 100 * (1 - point.hypervolume / best_known);
    best.write(point);
    points.push_back(std::move(point));
  }
  // A curve is of one kind.
  for (ConvergencePoint& point : points) point.simulated = simulated;
  return points;
}

}  // namespace dovetail
