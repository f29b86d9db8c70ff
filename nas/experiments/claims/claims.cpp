#include "nas/experiments/claims/claims.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/analysis/stored_study.h"
#include "nas/experiments/claims/target_study.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kJoint = 0, kFixedHardware = 1, kPhase = 2;

/// A study of the comparison.
struct ClaimsTask {
  double target_ms;
  std::size_t variant;
  fs::path folder;
};

std::vector<ClaimsTask> tasks_of(const ClaimsOptions& options) {
  std::vector<ClaimsTask> tasks;
  for (const double target : options.latency_targets_ms) {
    for (std::size_t v = 0; v < claims_variants().size(); ++v) {
      const std::string name = format_number(target) + "ms";
      tasks.push_back({target, v, options.folder / name / claims_variants()[v].name});
    }
  }
  return tasks;
}

bool holds(const Costs& costs, double latency_ms, double area_mm2) {
  return costs.latency_ms <= latency_ms && costs.area_mm2 <= area_mm2;
}

ClaimsSearch search_of(const ClaimsTask& task, const StudyRun& run, const TrialList& trials,
                       double baseline_area_mm2) {
  ClaimsSearch search{task.target_ms,
                      task.variant,
                      run.seed,
                      static_cast<std::int64_t>(trials.size()),
                      {},
                      {},
                      true,
                      {}};
  const TrialRecord* answer = nullptr;
  for (const StoredTrial* stored : trials) {
    const TrialRecord& trial = stored->record;
    if (!trial.evaluation.ok()) continue;
    if (answer == nullptr || *trial.reward > *answer->reward) answer = &trial;
    const Costs& costs = trial.evaluation.costs;
    const double top1_percent = trial.evaluation.accuracy.top1_percent;
    if (!holds(costs, task.target_ms, baseline_area_mm2)) continue;
    const bool better = !search.top1_percent || top1_percent > *search.top1_percent;
    const bool faster = search.top1_percent && top1_percent == *search.top1_percent &&
                        costs.latency_ms < *search.latency_ms;
    if (!better && !faster) continue;
    search.top1_percent = top1_percent;
    search.latency_ms = costs.latency_ms;
  }
  search.violates =
      answer == nullptr || !holds(answer->evaluation.costs, task.target_ms, baseline_area_mm2);
  return search;
}

/// Lowest latency within the area at no less than this accuracy.
std::optional<double> latency_at(const TrialList& trials, double top1_percent, double area_mm2) {
  std::optional<double> lowest;
  for (const StoredTrial* trial : trials) {
    const Evaluation& evaluation = trial->record.evaluation;
    const Costs& costs = evaluation.costs;
    const bool counts = evaluation.ok() && evaluation.accuracy.top1_percent >= top1_percent &&
                        costs.area_mm2 <= area_mm2;
    if (counts && (!lowest || costs.latency_ms < *lowest)) lowest = costs.latency_ms;
  }
  return lowest;
}

/// Of one target: searches of all variants, in their order. `base` are the tasks of the target.
void read_target(std::span<const ClaimsTask> tasks, std::vector<ClaimsSearch>& searches) {
  const std::size_t first = searches.size();
  std::vector<StoredStudy> studies;
  for (const ClaimsTask& task : tasks) studies.push_back(StoredStudy::load(task.folder));
  std::vector<TrialList> joint;  // by seed
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const StoredStudy& study = studies[t];
    for (std::size_t run = 0; run < study.description.runs.size(); ++run) {
      const TrialList trials = study.trials_of(run, Stage::kSearch);
      searches.push_back(
          search_of(tasks[t], study.description.runs[run], trials, study.baseline_area_mm2));
      if (tasks[t].variant == kJoint) joint.push_back(trials);
    }
  }
  const double area_mm2 = studies.back().baseline_area_mm2;
  const std::size_t seeds = joint.size();
  for (std::size_t s = 0; s < seeds; ++s) {
    const ClaimsSearch& fixed = searches[first + kFixedHardware * seeds + s];
    if (!fixed.top1_percent) continue;
    searches[first + s].latency_at_fixed_top1_ms =
        latency_at(joint[s], *fixed.top1_percent, area_mm2);
  }
}

}  // namespace

const std::vector<ClaimsVariant>& claims_variants() {
  static const std::vector<ClaimsVariant> variants{
      {"joint", 1}, {"fixed_hardware", 1}, {"phase", 1}, {"phase_2x", 2}};
  return variants;
}

StudyConfig claims_study(const StudyConfig& study, std::size_t variant, double latency_target_ms) {
  const std::string what = "study '" + study.name + "': ";
  if (!study.phase) {
    throw InputError(what + "scope must be 'phase': the comparison is with such a search");
  }
  if (study.cost.model->predicts) {
    throw InputError(what + "cost.model must be 'simulation': samples are counted");
  }
  StudyConfig config = with_latency_target(study, latency_target_ms);
  config.name = fmt::format("{}_{}", study.name, claims_variants()[variant].name);
  config.evaluations = study.evaluations * claims_variants()[variant].budget;
  if (variant < kPhase) {
    config.phase.reset();
    config.network.fixed_choices.clear();
    config.scope = variant == kJoint ? Scope::kJoint : Scope::kNetwork;
  } else {
    config.phase->hardware_evaluations *= claims_variants()[variant].budget;
  }
  return config;
}

std::vector<ClaimsSearch> run_claims(const StudyConfig& study, const ClaimsOptions& options) {
  const std::vector<ClaimsTask> tasks = tasks_of(options);
  std::vector<StudyTask> studies;
  for (const ClaimsTask& task : tasks) {
    studies.push_back({claims_study(study, task.variant, task.target_ms), task.folder});
  }
  run_study_tasks(studies, options.workers, options.folder, options.keep_going, options.progress);
  std::vector<ClaimsSearch> searches;
  const std::size_t variants = claims_variants().size();
  for (std::size_t t = 0; t < tasks.size(); t += variants) {
    read_target(std::span(tasks).subspan(t, variants), searches);
  }
  return searches;
}

}  // namespace dovetail
