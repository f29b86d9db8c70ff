#include "nas/analysis/fronts.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

Outcome outcome_of(const Objective& objective, const StoredTrial& trial) {
  return objective.outcome(trial.record.evaluation);
}

}  // namespace

TrialList front_of(const Objective& objective, const TrialList& trials) {
  TrialList front;
  const auto outcome = [&](std::size_t i) { return outcome_of(objective, *trials[i]); };
  for (const std::size_t i : front_positions(trials.size(), outcome)) front.push_back(trials[i]);
  return front;
}

double hypervolume_of(const Objective& objective, const TrialList& front) {
  std::vector<std::vector<double>> points;
  for (const StoredTrial* trial : front) {
    points.push_back(outcome_of(objective, *trial).objectives);
  }
  return hypervolume(points, objective.minimised(objective.reference));
}

const StoredTrial* best_of(const Objective& objective, const TrialList& trials,
                           const std::function<double(const StoredTrial&)>& value) {
  const StoredTrial* best = nullptr;
  for (const StoredTrial* trial : trials) {
    if (!outcome_of(objective, *trial).acceptable()) continue;
    if (best == nullptr || value(*trial) > value(*best)) best = trial;
  }
  return best;
}

TrialList final_of(const StoredStudy& study, const TrialList& trials) {
  TrialList with_final_costs;
  std::copy_if(trials.begin(), trials.end(), std::back_inserter(with_final_costs),
               [&](const StoredTrial* trial) { return study.is_final(*trial); });
  return with_final_costs;
}

FrontComparison compare_fronts(const TrialList& joint, const TrialList& fixed, const Figure& cost) {
  const Figure& top1 = find_metric("top1_percent");
  FrontComparison comparison;
  comparison.cost = &cost;
  comparison.points = fixed.size();
  for (const StoredTrial* trial : fixed) {
    const double here_top1 = trial->record.evaluation.value(top1);
    const double here_cost = trial->record.evaluation.value(cost);
    if (const auto best = best_at(joint, top1, cost, here_cost)) {
      ++comparison.matched_cost;
      comparison.top1_gain_points += *best - here_top1;
    }
    if (const auto best = best_at(joint, cost, top1, here_top1)) {
      ++comparison.matched_accuracy;
      comparison.cost_cut_percent += 100 * (1 - *best / here_cost);
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

std::optional<double> best_at(const TrialList& front, const Figure& metric, const Figure& at,
                              double level) {
  std::optional<double> best;
  for (const StoredTrial* trial : front) {
    const Evaluation& evaluation = trial->record.evaluation;
    const double there = evaluation.value(at), value = evaluation.value(metric);
    if (at.maximise ? there < level : there > level) continue;
    if (!best || (metric.maximise ? value > *best : value < *best)) best = value;
  }
  return best;
}

}  // namespace dovetail
