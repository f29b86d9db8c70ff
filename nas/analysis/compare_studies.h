#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers/samples.h"
#include "nas/analysis/attainment.h"
#include "nas/analysis/run_result.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {

/// How studies are compared, as a user writes it.
struct CompareSettings {
  std::string reference;             // "METRIC=NUMBER,..."; empty: that of the studies
  std::vector<std::string> runs;     // only these labels; empty: all
  std::vector<std::string> levels;   // "METRIC=NUMBER"; empty: five in the range common to all
  bool claimed = false;              // what studies only claim is compared as well, on its own
  std::vector<std::string> targets;  // "hypervolume=NUMBER", "reward=NUMBER" or, all at once,
                                     // "METRIC=NUMBER,..."; empty: shares of the best known
};

/// The searches of one kind in one study.
struct Contender {
  std::string name;
  const StoredStudy* study = nullptr;
  std::string label;
  std::vector<RunResult> runs;  // by seed

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

/// Each label of each study is a contender; with `claimed`, what is claimed of it is another one.
/// Throws InputError if there are fewer than two, if the
/// studies are after different things (metrics, constraints) or, unless one is given, against
/// different references. The comparison points into `studies`.
StudyComparison compare_studies(const std::vector<StoredStudy>& studies,
                                const CompareSettings& settings);

}  // namespace dovetail
