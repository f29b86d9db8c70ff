#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nas/analysis/attainment.h"
#include "nas/study/round_results.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// A simulated candidate on a Pareto front.
struct FrontMember {
  StudyRun run;
  TrialRecord trial;
};

/// How good a search is after so many evaluations.
struct ConvergencePoint {
  std::int64_t evaluations = 0;
  double hypervolume = 0;
  bool simulated = false;  // false: of predicted figures
  /// What the hypervolume lacks of that of all searches together: 0 is as good as is known.
  double distance_percent = 100;
  /// Largest reward of an acceptable candidate, and by how much its costs exceed the targets of the
  /// reward (one number a target; below 0: less than the target). Empty if there is none.
  std::optional<double> best_reward;
  std::vector<double> over_target_percent;
};

/// What one search found.
struct RunResult {
  StudyRun run;
  std::map<TrialStatus, std::int64_t> by_status;  // trials of the search
  std::int64_t searched = 0, simulated = 0;       // trials, and how many were simulated
  std::vector<FrontMember> front;                 // simulated, within all constraints
  double hypervolume = 0;                         // of the front
  std::optional<FrontMember> best_reward;         // simulated, within all constraints
  /// Mean of |predicted - simulated| / simulated, of the candidates proposed.
  std::optional<double> latency_error_percent, energy_error_percent;
  std::vector<ConvergencePoint> convergence;
  SearchHistory history;  // of the search, predicted or simulated
};

/// How much better the joint front is than the one on fixed hardware in accuracy and one cost: over
/// the points of the latter, mean gain in accuracy at no more of the cost and mean cut of the cost
/// at no less accuracy.
struct FrontComparison {
  const Figure* cost = nullptr;
  std::size_t points = 0;  // of the fixed-hardware front, the base of both means
  std::size_t matched_cost = 0, matched_accuracy = 0;  // points that the joint front can answer
  double top1_gain_points = 0;  // percentage points, over matched_cost points
  double cost_cut_percent = 0;  // over matched_accuracy points
};

struct StudyResults {
  std::vector<RunResult> runs;
  /// Fronts over all seeds, by label; best first by the first objective.
  std::map<std::string, std::vector<FrontMember>> fronts;
  std::vector<FrontComparison> comparisons;  // for each cost of the Pareto front
  std::vector<RoundResult> rounds;           // of searches on predictions
  std::vector<Attainment> attainments;       // by label
};

/// From the store alone, so that it does not matter how often the study was interrupted.
StudyResults study_results(const StudySetup& setup, const StudyStore& store);

/// Writes pareto.csv, hypervolume.csv, convergence.csv, attainment.csv and, of searches on
/// predictions, rounds.csv to `folder`; returns their names.
std::vector<std::filesystem::path> write_results(const StudySetup& setup,
                                                 const StudyResults& results,
                                                 const std::filesystem::path& folder);

/// Tables for the terminal: the best pairs, hypervolumes, and what was gained.
std::string results_text(const StudySetup& setup, const StudyResults& results);

/// "4x4 PEs, 4 lanes x 64 SIMD, 32 KiB RF, 2 MiB, 20 GB/s".
std::string accelerator_summary(const AcceleratorConfig& accelerator);

FrontComparison compare_fronts(const std::vector<FrontMember>& joint,
                               const std::vector<FrontMember>& fixed, const Figure& cost);

}  // namespace dovetail
