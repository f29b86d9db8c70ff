#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nas/objective/objective.h"

namespace dovetail {

/// Pareto domination for minimisation: a nowhere worse and somewhere better than b.
bool dominates(std::span<const double> a, std::span<const double> b);

/// Domination under constraints (Deb et al. 2002, definition 1): what holds the constraints
/// dominates what does not; of two that do not, the smaller violation; else Pareto. What is not
/// valid violates infinitely.
bool constrained_dominates(const Outcome& a, const Outcome& b);

/// Rank of each outcome under constrained domination: 0 is not dominated, 1 only by rank 0, ...
/// The same ranks as Deb's fast non-dominated sort, found by sorting first (Zhang et al. 2015,
/// "ENS"), so that 10,000s of points are cheap.
std::vector<int> non_dominated_ranks(std::span<const Outcome> outcomes);

/// Crowding distance (Deb et al. 2002, section III.B) of each of `members` among themselves, in
/// their order; infinite at the ends of an objective, and 0 for what is not valid.
std::vector<double> crowding_distances(std::span<const Outcome> outcomes,
                                       std::span<const std::size_t> members);

/// Positions of `outcomes`, best first: by rank, then by crowding distance (large first), then by
/// position.
std::vector<std::size_t> rank_and_crowding_order(std::span<const Outcome> outcomes);

/// Positions, of `count` outcomes, of the acceptable ones that no other dominates, in the order of
/// ParetoArchive. Asks for one outcome after the other and keeps only the front.
std::vector<std::size_t> front_positions(std::size_t count,
                                         const std::function<Outcome(std::size_t)>& outcome_of);

/// The acceptable points that no other dominates, kept in a fixed order whatever the order of
/// insertion: by the objectives, lexicographically. Of equal points the one with the smallest id
/// stays.
class ParetoArchive {
 public:
  struct Entry {
    std::vector<double> objectives;  // minimised
    std::int64_t id = 0;             // the caller's
  };

  /// True if the point is now in the archive.
  bool insert(const Outcome& outcome, std::int64_t id);
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<std::vector<double>> points() const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace dovetail
