#include "nas/analysis/study_results.h"

#include <algorithm>
#include <utility>

#include "nas/study/study_setup.h"

namespace dovetail {
namespace {

bool has_metric(const Objective& objective, const std::string& key) {
  return std::any_of(objective.pareto.begin(), objective.pareto.end(),
                     [&](const Figure* metric) { return metric->key == key; });
}

/// What needs all searches: distances to the best known, and when targets were reached.
void measure_against_best_known(StudyResults& results) {
  const Objective& objective = results.study.objective;
  const std::vector<double> reference = objective.minimised(objective.reference);
  std::vector<SearchKind> kinds;
  for (const std::string& label : results.study.labels()) {
    kinds.push_back({label, {}});
    for (const RunResult& result : results.runs) {
      if (result.run.label == label) kinds.back().searches.push_back(&result.history);
    }
  }
  const double best = best_known_hypervolume(kinds, reference);
  for (const RunResult& result : results.runs) {
    results.convergence.push_back(convergence_of(objective, result.searched, best));
  }
  results.attainments = attainments(kinds, reference);
}

}  // namespace

StudyResults study_results(StoredStudy study) {
  StudyResults results(std::move(study));
  const Objective& objective = results.study.objective;
  std::map<std::string, TrialList> members;
  for (std::size_t run = 0; run < results.study.description.runs.size(); ++run) {
    results.runs.push_back(run_result(results.study, objective, run));
    const RunResult& result = results.runs.back();
    TrialList& all = members[result.run.label];
    all.insert(all.end(), result.front.begin(), result.front.end());
  }
  for (const auto& [label, all] : members) results.fronts[label] = front_of(objective, all);
  measure_against_best_known(results);
  results.rounds = round_results(results.study);
  const bool compare =
      results.study.config.compare_with_fixed_hardware && has_metric(objective, "top1_percent");
  for (const Figure* metric : objective.pareto) {
    if (!compare || metric->maximise) continue;
    results.comparisons.push_back(compare_fronts(results.fronts.at(run_label(Scope::kJoint)),
                                                 results.fronts.at(run_label(Scope::kNetwork)),
                                                 *metric));
  }
  return results;
}

}  // namespace dovetail
