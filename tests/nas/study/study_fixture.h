#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files/atomic_file.h"
#include "nas/study/study.h"
#include "tests/nas/study/found_study.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {

/// Predicts what the simulator says give or take a few percent, and never says infeasible.
class RoughEvaluator : public Evaluator {
 public:
  explicit RoughEvaluator(std::unique_ptr<Evaluator> truth) : truth_(std::move(truth)) {}
  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override {
    auto evaluations = truth_->evaluate(candidates, keep_going);
    for (std::size_t i = 0; i < evaluations.size(); ++i) {
      evaluations[i].simulated = false;
      evaluations[i].costs.cycles = -1;
      evaluations[i].costs.latency_ms *= candidates[i][0] == 0 ? 1.03 : 0.98;
      evaluations[i].costs.energy_mj *= 1.05;
      evaluations[i].costs.peak_local_memory_kib = Costs::kUnknown;
    }
    return evaluations;
  }

 private:
  std::unique_ptr<Evaluator> truth_;
};

class StudyTest : public testing::Test {
 protected:
  StudyOptions options(const std::string& folder, int workers = 1) const {
    StudyOptions options;
    options.folder = files_.path() / folder;
    options.workers = workers;
    options.progress = ProgressMode::kQuiet;
    return options;
  }
  static StudyEvaluators rough_evaluators(const StudySetup& setup) {
    StudyEvaluators evaluators;
    evaluators.simulation = [&setup](const SearchSpace& space) -> std::unique_ptr<Evaluator> {
      return std::make_unique<PairEvaluator>(
          space, setup.accuracy(), find_cost_model("simulation").make(setup.cost_inputs(1)));
    };
    evaluators.search =
        [make = evaluators.simulation](const SearchSpace& space) -> std::unique_ptr<Evaluator> {
      return std::make_unique<RoughEvaluator>(make(space));
    };
    evaluators.refit = [make = evaluators.search](const SearchSpace& space,
                                                  std::span<const TrialRecord>) {
      return make(space);
    };
    return evaluators;
  }
  FoundStudy run(const StudySetup& setup, const StudyOptions& options) const {
    if (!setup.config().cost.model->predicts) return run_and_report(setup, options);
    return run(setup, options, rough_evaluators(setup));
  }
  FoundStudy run(const StudySetup& setup, const StudyOptions& options,
                 const StudyEvaluators& evaluators) const {
    return run_and_report(setup, options, [&](const StudySetup& study, const StudyOptions& with) {
      return run_study(study, with, evaluators);
    });
  }

  /// Every row of the store and every other file but the lock and the times.
  std::string content(const std::string& folder) const {
    const std::filesystem::path path = files_.path() / folder;
    const StudyStore store = StudyStore::open(path / "study.db", StudyStore::Access::kRead);
    std::string text;
    for (const auto& [key, value] : rows_of(store.description().facts))
      text += key + "=" + value + "\n";
    for (std::size_t run = 0; run < store.description().runs.size(); ++run) {
      for (const Stage stage : {Stage::kSearch, Stage::kResimulate}) {
        for (const TrialRecord& trial : store.trials(run, stage)) {
          const Costs& m = trial.evaluation.costs;
          text += fmt::format("{} {} {} {} {} {} {} {} {} {:a} {:a} {:a} {} {:a} {:a} {}", trial.id,
                              run, trial.step, to_string(stage), trial.number,
                              fmt::join(trial.choices, "-"), to_string(trial.evaluation.status),
                              trial.evaluation.reason, trial.evaluation.simulated,
                              trial.evaluation.accuracy.top1_percent, m.latency_ms, m.area_mm2,
                              m.cycles, m.energy_mj, m.peak_local_memory_kib,
                              trial.reward.value_or(-1)) +
                  "\n";
        }
      }
    }
    std::set<std::filesystem::path> others;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) others.insert(entry.path());
    }
    for (const std::filesystem::path& file : others) {
      if (std::set<std::string>{"study.db", "timings.csv", ".lock"}.contains(file.filename()))
        continue;
      text += file.lexically_relative(path).string() + ":\n" + read_file(file);
    }
    return text;
  }

  TinyStudy files_;
};

}  // namespace dovetail
