#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nas/objective/pareto.h"

namespace dovetail {

/// What a search had found after how many evaluations.
class SearchHistory {
 public:
  /// The outcome of the next evaluation.
  void add(const Outcome& outcome);

  std::int64_t evaluations() const { return evaluations_; }
  /// The acceptable front at the end.
  const ParetoArchive& front() const { return front_; }
  /// Largest reward of an acceptable candidate.
  std::optional<double> best_reward() const;

  /// After how many evaluations the hypervolume of the front against `reference` was first at least
  /// `level`; empty if never. Likewise for the best reward.
  std::optional<std::int64_t> evaluations_to_hypervolume(
      double level, const std::vector<double>& reference) const;
  std::optional<std::int64_t> evaluations_to_reward(double level) const;

 private:
  std::int64_t evaluations_ = 0;
  ParetoArchive front_;
  // What was better than all before it, and when.
  std::vector<std::pair<std::int64_t, std::vector<double>>> entrants_;
  std::vector<std::pair<std::int64_t, double>> rewards_;
};

/// Searches of one kind, which differ in their seeds.
struct SearchKind {
  std::string name;
  std::vector<const SearchHistory*> searches;
};

/// When the searches of one kind reached one target.
struct Attainment {
  std::string run;               // name of the kind
  std::string target;            // "hypervolume", "reward", "latency_ms <= 0.5", ...
  std::string level;             // "95 %" of the best known; "" where the target says all
  double value = 0;              // of hypervolume or reward at that level; 0 else
  std::int64_t evaluations = 0;  // of the longest search
  std::vector<std::optional<std::int64_t>> reached;  // a search each: after how many evaluations

  std::size_t searches_that_reached() const;
  /// Evaluations that half of the searches needed at most; empty if fewer than half got there.
  std::optional<std::int64_t> median() const;
};

/// Hypervolume of the front of all searches together: the best that is known.
double best_known_hypervolume(const std::vector<SearchKind>& kinds,
                              const std::vector<double>& reference);

/// Targets at shares of the best that any of the searches found: hypervolume at 50, 75, 90, 95 and
/// 99 %; reward (if it is positive) at 90, 95, 98, 99 and 99.9 %.
std::vector<Attainment> attainments(const std::vector<SearchKind>& kinds,
                                    const std::vector<double>& reference);

/// Schema dovetail.attainment/1: of every target the share of searches that had reached it, a row
/// wherever it grows and one at both ends.
std::string attainment_csv(const std::vector<Attainment>& attainments);

}  // namespace dovetail
