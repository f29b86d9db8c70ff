#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/process/tasks.h"
#include "nas/evaluation/evaluator.h"
#include "nas/objective/objective.h"
#include "nas/space/search_space.h"
#include "nas/study/study_config.h"
#include "nas/study/study_store.h"
#include "sim/simulator.h"

namespace dovetail {

/// One part of a search: what the strategy decides, what it is told of the outcomes, and by what
/// the candidate is chosen that the next part goes on from.
struct SearchPhase {
  Scope scope = Scope::kJoint;
  std::int64_t evaluations = 0;
  Objective objective;
  Objective choice;
};

/// A study with everything that it names loaded and checked.
class StudySetup {
 public:
  /// Throws InputError for anything in `config` that does not exist or does not fit together.
  explicit StudySetup(StudyConfig config);

  const StudyConfig& config() const { return config_; }
  /// The searches to be made: for each seed the scope asked for, then the comparison.
  const std::vector<StudyRun>& runs() const { return runs_; }
  /// Labels of the runs, that of the scope asked for first.
  const std::vector<std::string>& labels() const { return labels_; }
  const SearchSpace& space(const std::string& label) const { return *spaces_.at(label); }
  /// The parts of each search called `label`, one after the other; mostly there is one.
  std::vector<SearchPhase> phases(const std::string& label) const;
  const Objective& objective() const { return objective_; }
  /// The candidates that are asked first, as points of one of the study's spaces.
  std::vector<Choices> start(const DecisionSpace& decisions) const;
  /// Why the strategy is what it is; empty if the study names it.
  const std::string& strategy_reason() const { return strategy_reason_; }
  const AcceleratorConfig& baseline() const { return hardware_.baseline; }
  /// NaN where the study has no accelerator.
  double baseline_area_mm2() const { return baseline_area_mm2_; }
  const NetworkSide& network() const { return network_; }
  const HardwareSide& hardware() const { return hardware_; }
  /// Limits that a candidate has to hold before a slow source of accuracy is asked about it.
  std::vector<Constraint> limits_before_accuracy() const;
  /// Shared by the searches of the study.
  const std::shared_ptr<AccuracyCache>& accuracy() const { return accuracy_; }
  /// What cost models of the study are made of, but for a surrogate; `workers` processes simulate.
  CostModelInputs cost_inputs(int workers) const;
  /// Of what is simulated; null: none.
  const std::shared_ptr<const SimulatorCorrection>& correction() const { return correction_; }
  /// Who simulates, so many tasks at a time; empty: `workers` processes of this machine.
  TaskRunner simulation_runner(int workers) const;
  /// Of this process; without figures per layer.
  const std::shared_ptr<Simulator>& simulator() const { return simulator_; }
  /// The same where the areas that the study is about are those that it computes; else null.
  std::shared_ptr<const Simulator> areas_beforehand() const;

  /// What the study file is to say: configuration, build, checksums of the files read.
  StudyDescription description() const;

 private:
  SearchPhase search_phase(const PlannedPhase& planned) const;
  void add_space(const std::string& label, Scope scope);
  void choose_strategy();
  void load_network();
  void load_set();
  void load_hardware();
  void load_costs();
  void load_measured_costs();
  void load_correction();
  void note_file(const std::string& role, const std::filesystem::path& file);

  StudyConfig config_;
  NetworkSide network_;
  HardwareSide hardware_;
  PairSet set_;                                    // empty: a candidate is one pair
  std::shared_ptr<const MeasuredCosts> measured_;  // if the study looks costs up
  std::shared_ptr<const SimulatorCorrection> correction_;
  std::shared_ptr<AccuracyCache> accuracy_;
  std::shared_ptr<Simulator> simulator_;
  Objective objective_;
  std::string strategy_reason_;
  double baseline_area_mm2_ = Costs::kUnknown;
  std::map<std::string, std::unique_ptr<SearchSpace>> spaces_;  // by label
  std::vector<std::string> labels_;
  std::vector<StudyRun> runs_;
  std::map<std::string, std::string> file_checksums_;
};

/// Throws InputError unless the files that `now` was made of are those of the stored study.
void require_same_inputs(const StudyDescription& now, const StudyDescription& stored,
                         const std::filesystem::path& file);

/// Labels of runs: of a search of this scope, and of one in phases.
std::string run_label(Scope scope);
inline constexpr const char* kPhaseLabel = "phase";

}  // namespace dovetail
