#include "nas/experiments/claims/claims.h"

#include <algorithm>
#include <map>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/zoo.h"
#include "nas/analysis/stored_study.h"
#include "nas/experiments/claims/target_study.h"
#include "nas/study/study_setup.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// The networks of others in table 3 of the paper.
constexpr const char* kPublished[] = {
    "mobilenetv2_1.0_224",     "mobilenetv2_1.3_224", "mnasnet_b1_1.0_224", "mnasnet_d1_224",
    "proxylessnas_mobile_224", "efficientnet_b0_224", "efficientnet_b1_240"};

/// A study of the comparison.
struct ClaimsTask {
  double target_ms;
  ClaimsVariant variant;
  StudyConfig config;
  fs::path folder;
};

std::vector<ClaimsTask> tasks_of(const StudyConfig& study, const ClaimsOptions& options) {
  std::vector<ClaimsTask> tasks;
  for (const double target : options.latency_targets_ms) {
    for (const ClaimsVariantInfo& info : claims_variants()) {
      const std::string name = format_number(target) + "ms";
      tasks.push_back({target, info.variant, claims_study(study, info.variant, target),
                       options.folder / name / info.name});
    }
  }
  return tasks;
}

/// The parameters that the hardware space decides.
std::vector<const AcceleratorParameter*> parameters_of(const DesignSpace& space) {
  std::vector<const AcceleratorParameter*> searched;
  for (const Decision& decision : space.decisions().decisions()) {
    for (const AcceleratorParameter& parameter : accelerator_parameters()) {
      if (parameter.key == decision.name) searched.push_back(&parameter);
    }
  }
  return searched;
}

ClaimsDesign design_of(const StudySetup& setup, const std::string& label,
                       const TrialRecord& trial) {
  const AcceleratorConfig accelerator = setup.space(label).decode(trial.choices).accelerator;
  const Costs& costs = trial.evaluation.costs;
  ClaimsDesign design{trial.evaluation.accuracy.top1_percent,
                      costs.latency_ms,
                      costs.area_mm2,
                      2e-3 * accelerator.peak_macs_per_cycle() * accelerator.clock_ghz,
                      accelerator.local_memory_mib * accelerator.pes(),
                      {}};
  for (const AcceleratorParameter* parameter : parameters_of(*setup.hardware().space)) {
    design.hardware.push_back(parameter->text_in(accelerator));
  }
  return design;
}

/// Whether the first is the better one of two that hold target and area.
bool better(const Evaluation& a, const Evaluation& b) {
  if (a.accuracy.top1_percent != b.accuracy.top1_percent) {
    return a.accuracy.top1_percent > b.accuracy.top1_percent;
  }
  return a.costs.latency_ms < b.costs.latency_ms;
}

ClaimsSearch search_of(const ClaimsTask& task, const StudySetup& setup, const StudyRun& run,
                       const TrialList& trials) {
  ClaimsSearch search;
  search.target_ms = task.target_ms;
  search.variant = task.variant;
  search.seed = run.seed;
  search.evaluations = static_cast<std::int64_t>(trials.size());
  const TrialRecord *answer = nullptr, *best = nullptr;
  for (const StoredTrial* stored : trials) {
    const TrialRecord& trial = stored->record;
    const Costs& costs = trial.evaluation.costs;
    if (!trial.evaluation.ok()) continue;
    if (answer == nullptr || *trial.reward > *answer->reward) answer = &trial;
    const bool holds =
        costs.latency_ms <= task.target_ms && costs.area_mm2 <= setup.baseline_area_mm2();
    if (holds && (best == nullptr || better(trial.evaluation, best->evaluation))) best = &trial;
  }
  if (best != nullptr) search.best = design_of(setup, run.label, *best);
  if (answer != nullptr) {
    const Costs& costs = answer->evaluation.costs;
    search.misses_latency = costs.latency_ms > task.target_ms;
    search.misses_area = costs.area_mm2 > setup.baseline_area_mm2();
  }
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

bool is_joint(ClaimsVariant variant) {
  return variant == ClaimsVariant::kJoint || variant == ClaimsVariant::kJointLimited;
}

/// Searches of all variants for one target, in their order.
std::vector<ClaimsSearch> read_target(std::span<const ClaimsTask> tasks) {
  std::vector<ClaimsSearch> searches;
  std::vector<StoredStudy> studies;  // which `joint` points into
  for (const ClaimsTask& task : tasks) studies.push_back(StoredStudy::load(task.folder));
  std::map<std::size_t, TrialList> joint;      // by the place of the search
  std::map<std::uint64_t, double> fixed_top1;  // by seed
  double area_mm2 = 0;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const StudySetup setup(tasks[t].config);
    area_mm2 = setup.baseline_area_mm2();
    for (std::size_t run = 0; run < studies[t].description.runs.size(); ++run) {
      const TrialList trials = studies[t].trials_of(run, Stage::kSearch);
      const ClaimsSearch search =
          search_of(tasks[t], setup, studies[t].description.runs[run], trials);
      if (is_joint(search.variant)) joint[searches.size()] = trials;
      if (search.variant == ClaimsVariant::kFixedHardware && search.best) {
        fixed_top1[search.seed] = search.best->top1_percent;
      }
      searches.push_back(search);
    }
  }
  for (const auto& [place, trials] : joint) {
    const auto top1_percent = fixed_top1.find(searches[place].seed);
    if (top1_percent == fixed_top1.end()) continue;
    searches[place].latency_at_fixed_top1_ms = latency_at(trials, top1_percent->second, area_mm2);
  }
  return searches;
}

std::vector<ClaimsNetwork> published_on(const StudySetup& setup) {
  std::vector<ClaimsNetwork> networks;
  for (const char* name : kPublished) {
    const Network network = find_network(name);
    const SimulationResult result = setup.simulator()->run(network, setup.baseline());
    networks.push_back({name, network.published.top1_percent, std::nullopt});
    if (result.feasible()) networks.back().latency_ms = result.latency_ms;
  }
  return networks;
}

}  // namespace

ClaimsResults run_claims(const StudyConfig& study, const ClaimsOptions& options) {
  const std::vector<ClaimsTask> tasks = tasks_of(study, options);
  std::vector<StudyTask> studies;
  for (const ClaimsTask& task : tasks) studies.push_back({task.config, task.folder});
  run_study_tasks(studies, options.workers, options.folder, options.keep_going, options.progress);

  const StudySetup setup(tasks.front().config);
  ClaimsResults results;
  results.baseline_area_mm2 = setup.baseline_area_mm2();
  for (const AcceleratorParameter* parameter : parameters_of(*setup.hardware().space)) {
    results.parameters.push_back(parameter->key);
  }
  results.published = published_on(setup);
  const std::size_t variants = claims_variants().size();
  for (std::size_t t = 0; t < tasks.size(); t += variants) {
    for (ClaimsSearch& search : read_target(std::span(tasks).subspan(t, variants))) {
      results.searches.push_back(std::move(search));
    }
  }
  return results;
}

}  // namespace dovetail
