#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nas/evaluator.h"
#include "nas/objective.h"
#include "nas/search_space.h"
#include "nas/study/study_config.h"
#include "nas/study/study_store.h"

namespace dovetail {

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
  const Objective& objective() const { return objective_; }
  const AcceleratorConfig& baseline() const { return hardware_.baseline; }
  double baseline_area_mm2() const { return baseline_area_mm2_; }
  const NetworkSide& network() const { return network_; }
  const HardwareSide& hardware() const { return hardware_; }
  const std::shared_ptr<AccuracySource>& accuracy() const { return accuracy_; }
  /// Of this process; without figures per layer.
  const std::shared_ptr<Simulator>& simulator() const { return simulator_; }

  /// What the study file is to say: configuration, build, checksums of the files read.
  StudyDescription description() const;

 private:
  void load_network();
  void load_hardware();
  void make_objective();
  void note_file(const std::string& role, const std::filesystem::path& file);
  double resolve(const MetricValue& value) const;

  StudyConfig config_;
  NetworkSide network_;
  HardwareSide hardware_;
  std::shared_ptr<AccuracySource> accuracy_;
  std::shared_ptr<Simulator> simulator_;
  Objective objective_;
  double baseline_area_mm2_ = 0;
  std::map<std::string, std::unique_ptr<SearchSpace>> spaces_;  // by label
  std::vector<std::string> labels_;
  std::vector<StudyRun> runs_;
  std::map<std::string, std::string> file_checksums_;
};

/// Throws InputError unless the files that `now` was made of are those of the stored study.
void require_same_inputs(const StudyDescription& now, const StudyDescription& stored,
                         const std::filesystem::path& file);

/// Labels of runs: that of the scope asked for, and of the comparison's.
std::string run_label(Scope scope);

}  // namespace dovetail
