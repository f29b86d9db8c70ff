#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nas/analysis/stored_study.h"
#include "nas/study/study_objective.h"
#include "tests/nas/objective/given_figures.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {

/// A study whose trials a test writes itself: runs "joint" (seeds 1 and 2) and "fixed_hardware"
/// (seed 1), the front of top-1 and latency, area at most 50 mm2, and a reward.
class HandMadeStudy {
 public:
  explicit HandMadeStudy(const std::string& changes = "") {
    study_.file = files_.path() / "out" / "study.db";
    study_.config = files_.config(
        "objective: {pareto: [top1_percent, latency_ms], reference: {top1_percent: 60, latency_ms: "
        "10}, reward: {kind: one_sided, targets: {latency_ms: 5}, weights: {latency_ms: -1}}}\n"
        "constraints: {area_mm2: 50}\n" +
        changes);
    study_.baseline_area_mm2 = 77;
    study_.objective = study_objective(study_.config, 77);
    study_.description.facts.name = "hand";
    study_.description.facts.build = "dovetail 0";
    study_.description.facts.accuracy = "a predictor";
    study_.description.runs = {{"joint", 1}, {"fixed_hardware", 1}, {"joint", 2}};
    const Decision k{"net.k", "", {"3", "5", "7"}, {3, 5, 7}};
    const Decision pes{"hw.pes_x", "", {"1", "2"}, {1, 2}};
    study_.description.decisions = {{"joint", DecisionSpace({k, pes})},
                                    {"fixed_hardware", DecisionSpace({k})}};
  }

  /// A simulated trial; its id.
  std::int64_t add(std::size_t run, Choices choices, double top1, double latency, double area = 40,
                   const std::string& stage = "search") {
    StoredTrial trial;
    trial.run = run;
    trial.stage = stage;
    trial.record.choices = std::move(choices);
    trial.record.evaluation.simulated = true;
    give_figures(trial.record.evaluation, top1, latency, area, 1000, 2 * latency, 100);
    trial.record.reward = study_.outcome(trial).reward;
    return append(std::move(trial));
  }
  std::int64_t add_predicted(std::size_t run, Choices choices, double top1, double latency) {
    const std::int64_t id = add(run, std::move(choices), top1, latency);
    Evaluation& evaluation = study_.trials.back().record.evaluation;
    evaluation.simulated = false;
    evaluation.costs.cycles = -1;
    evaluation.costs.peak_local_memory_kib = Costs::kUnknown;
    return id;
  }
  std::int64_t add_without_figures(std::size_t run, Choices choices, TrialStatus status,
                                   const std::string& reason) {
    StoredTrial trial;
    trial.run = run;
    trial.stage = "search";
    trial.record.choices = std::move(choices);
    trial.record.evaluation = Evaluation::without_figures(status, reason, true);
    return append(std::move(trial));
  }

  StoredStudy& study() { return study_; }
  const TinyStudy& files() const { return files_; }

 private:
  std::int64_t append(StoredTrial trial) {
    trial.record.id = static_cast<std::int64_t>(study_.trials.size()) + 1;
    for (const StoredTrial& before : study_.trials) {
      trial.record.number += before.run == trial.run && before.stage == trial.stage;
    }
    study_.trials.push_back(std::move(trial));
    return study_.trials.back().record.id;
  }

  TinyStudy files_;
  StoredStudy study_;
};

}  // namespace dovetail
