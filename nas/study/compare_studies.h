#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/samples.h"
#include "nas/analysis/attainment.h"
#include "nas/study/stored_study.h"
#include "nas/study/study_tables.h"
#include "nas/study/trial_table.h"

namespace dovetail {

/// How studies are compared, as a user writes it.
struct CompareSettings {
  std::string reference;             // "METRIC=NUMBER,..."; empty: that of the studies
  std::vector<std::string> runs;     // only these labels; empty: all
  std::vector<std::string> levels;   // "METRIC=NUMBER"; empty: five in the range common to all
  std::vector<std::string> targets;  // "hypervolume=NUMBER", "reward=NUMBER" or, all at once,
                                     // "METRIC=NUMBER,..."; empty: shares of the best known
};

/// One search of a contender.
struct ContenderRun {
  std::uint64_t seed = 0;
  std::size_t simulated = 0;  // trials
  TrialList front;            // simulated, within the constraints
  double hypervolume = 0;     // of the front, against the common reference
  SearchHistory history;      // of the search, predicted or simulated
};

/// The searches of one kind in one study.
struct Contender {
  std::string name;
  const StoredStudy* study = nullptr;
  std::string label;
  std::vector<ContenderRun> runs;  // by seed

  std::vector<double> hypervolumes() const;
};

/// The best of one metric where another is no worse than a level.
struct LevelTable {
  const Figure* metric = nullptr;
  const Figure* at = nullptr;
  std::vector<double> levels;
  /// [contender][level]: of each run that has a design there.
  std::vector<std::vector<std::vector<double>>> best;
};

struct StudyComparison {
  Objective objective;  // with the common reference
  std::vector<Contender> contenders;
  std::vector<LevelTable> levels;
  /// [a][b]: percent of the front of a run of b that a run of a dominates, over all pairs of runs.
  std::vector<std::vector<Spread>> dominated;
  std::vector<Attainment> attainments;
  std::vector<std::string> notes;  // in what the studies differ that a reader should know
};

/// The best `metric` among designs of a front that are no worse than `level` in `at`.
std::optional<double> best_at(const TrialList& front, const Figure& metric, const Figure& at,
                              double level);

/// Each label of each study is a contender. Throws InputError if there are fewer than two, if the
/// studies are after different things (metrics, constraints) or, unless one is given, against
/// different references. The comparison points into `studies`.
StudyComparison compare_studies(const std::vector<StoredStudy>& studies,
                                const CompareSettings& settings);

/// Tables for the terminal.
std::string comparison_text(const StudyComparison& comparison);
/// Schema dovetail.study_comparison/1: a row a contender and seed, with its hypervolume and the
/// best at each level.
std::string comparison_csv(const StudyComparison& comparison);

}  // namespace dovetail
