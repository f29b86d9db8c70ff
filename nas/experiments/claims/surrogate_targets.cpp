#include "nas/experiments/claims/surrogate_targets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/stored_study.h"
#include "nas/experiments/claims/target_study.h"

namespace dovetail {
namespace {

StudyConfig study_of(const StudyConfig& study, const TargetsOptions& options, double target_ms) {
  if (!study.cost.model->predicts) {
    throw InputError("study '" + study.name +
                     "': cost.model must be 'surrogate_then_simulation': it is the surrogate that "
                     "is looked at");
  }
  if (study.cost.rounds > 1 || study.phase) {
    throw InputError("study '" + study.name +
                     "': needs one round and no phases, so that all predictions are of one model");
  }
  StudyConfig config = with_latency_target(study, target_ms);
  if (!options.surrogate.empty()) {
    config.cost.surrogate = {};
    config.cost.surrogate.file = options.surrogate;
    config.cost.surrogate.model = "mlp";
  }
  return config;
}

/// The trial with the highest reward.
const TrialRecord* highest_reward(const TrialList& trials) {
  const TrialRecord* best = nullptr;
  for (const StoredTrial* stored : trials) {
    const TrialRecord& trial = stored->record;
    if (!trial.evaluation.ok() || !trial.reward) continue;
    if (best == nullptr || *trial.reward > *best->reward) best = &trial;
  }
  return best;
}

const TrialRecord* with_choices(const TrialList& trials, const Choices& choices) {
  const auto found = std::find_if(trials.begin(), trials.end(), [&](const StoredTrial* trial) {
    return trial->record.choices == choices;
  });
  if (found == trials.end() || !(*found)->record.evaluation.ok()) return nullptr;
  return &(*found)->record;
}

std::optional<TargetDesign> design_of(const TrialRecord* predicted, const TrialRecord* simulated) {
  if (predicted == nullptr || simulated == nullptr) return std::nullopt;
  return TargetDesign{simulated->evaluation.accuracy.top1_percent,
                      predicted->evaluation.costs.latency_ms,
                      simulated->evaluation.costs.latency_ms};
}

/// A cell of a design that may not be there.
std::optional<double> figure(const std::optional<TargetDesign>& design,
                             double TargetDesign::*member) {
  return design ? std::optional((*design).*member) : std::nullopt;
}

double over_percent(const TargetDesign& design, double target_ms) {
  return 100 * (design.simulated_ms / target_ms - 1);
}

/// Mean, and the largest distance from 0, of what one kind of design exceeds its target by.
struct Overshoot {
  double sum = 0, largest = 0, top1 = 0;
  int count = 0;

  void add(const std::optional<TargetDesign>& design, double target_ms) {
    if (!design) return;
    const double over = over_percent(*design, target_ms);
    sum += std::abs(over);
    if (std::abs(over) > std::abs(largest)) largest = over;
    top1 += design->top1_percent;
    ++count;
  }
  std::vector<std::string> cells() const {
    if (count == 0) return {"-", "-", "-"};
    return {fmt::format("{:.2f}", top1 / count), fmt::format("{:.2f}", sum / count),
            fmt::format("{:+.2f}", largest)};
  }
};

}  // namespace

std::vector<TargetSearch> run_targets(const StudyConfig& study, const TargetsOptions& options) {
  std::vector<StudyTask> tasks;
  for (const double target : options.latency_targets_ms) {
    tasks.push_back(
        {study_of(study, options, target), options.folder / (format_number(target) + "ms")});
  }
  run_study_tasks(tasks, options.workers, options.folder, options.keep_going, options.progress);
  std::vector<TargetSearch> searches;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const StoredStudy found = StoredStudy::load(tasks[t].folder);
    for (std::size_t run = 0; run < found.description.runs.size(); ++run) {
      const TrialList searched = found.trials_of(run, Stage::kSearch);
      const TrialList simulated = found.trials_of(run, Stage::kResimulate);
      const TrialRecord *first = highest_reward(searched), *best = highest_reward(simulated);
      searches.push_back(
          {options.latency_targets_ms[t], found.description.runs[run].seed,
           design_of(first, first == nullptr ? nullptr : with_choices(simulated, first->choices)),
           design_of(best == nullptr ? nullptr : with_choices(searched, best->choices), best)});
    }
  }
  return searches;
}

std::string targets_csv(const std::vector<TargetSearch>& searches) {
  CsvWriter csv("dovetail.targets/1");
  csv.header({{"target_ms", "ms"},
              {"seed"},
              {"first_top1_percent", "%"},
              {"first_predicted_ms", "ms"},
              {"first_simulated_ms", "ms"},
              {"best_top1_percent", "%"},
              {"best_predicted_ms", "ms"},
              {"best_simulated_ms", "ms"}});
  for (const TargetSearch& search : searches) {
    csv.cell(search.target_ms).cell(search.seed);
    for (const auto* design : {&search.first, &search.best}) {
      csv.cell(figure(*design, &TargetDesign::top1_percent))
          .cell(figure(*design, &TargetDesign::predicted_ms))
          .cell(figure(*design, &TargetDesign::simulated_ms));
    }
    csv.end_row();
  }
  return csv.text();
}

std::string targets_text(const std::vector<TargetSearch>& searches) {
  std::map<double, std::pair<Overshoot, Overshoot>> by_target;
  std::pair<Overshoot, Overshoot> all;
  for (const TargetSearch& search : searches) {
    for (auto* both : {&by_target[search.target_ms], &all}) {
      both->first.add(search.first, search.target_ms);
      both->second.add(search.best, search.target_ms);
    }
  }
  Table table({{"target [ms]"},
               {"answer: top-1 [%]"},
               {"off target [%]"},
               {"largest [%]"},
               {"best simulated: top-1 [%]"},
               {"off target [%]"},
               {"largest [%]"}});
  const auto add = [&](const std::string& name, const std::pair<Overshoot, Overshoot>& both) {
    std::vector<std::string> cells{name};
    for (const Overshoot* one : {&both.first, &both.second}) {
      for (std::string& cell : one->cells()) cells.push_back(std::move(cell));
    }
    table.add_row(std::move(cells));
  };
  for (const auto& [target, both] : by_target) add(format_number(target), both);
  add("all", all);
  return "Answer: the highest predicted reward; best simulated: the highest among those "
         "simulated.\n"
         "Off target: |simulated latency / target - 1|, mean over the searches; largest, with its "
         "sign.\n" +
         table.str();
}

}  // namespace dovetail
