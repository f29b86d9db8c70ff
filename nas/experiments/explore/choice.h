#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost/figures/set_figures.h"
#include "nas/experiments/explore/explore_report.h"

namespace dovetail {

/// An upper bound on a figure of the set.
struct SetLimit {
  SetFigure figure;
  double most = 0;
};

/// What one accelerator for all networks of an exploration is to hold, and to be good at.
struct ChoiceQuery {
  std::vector<SetMember> members;  // a network each, in the order of the explorations
  std::vector<SetLimit> limits;
  std::vector<SetFigure> front;     // what the front of the set minimises
  std::optional<SetFigure> choose;  // the best by it is the answer; nothing: none is wanted
};

/// What became of a limit: of the configurations on which all networks run.
struct LimitCount {
  std::uint64_t breaks = 0;        // it
  std::uint64_t breaks_alone = 0;  // it and no other
};

/// Which configurations of a space are good for all networks at once. Positions are those in the
/// space.
struct SetChoice {
  std::uint64_t configurations = 0;
  std::uint64_t runs = 0;  // on which all networks can run, those above an area limit included
  std::vector<LimitCount> limits;    // in the order of the query
  std::vector<std::uint64_t> front;  // within the limits, beaten by none, by the first figure
  /// Within the limits. Best first by what is chosen by; of equals the one that is furthest from
  /// its nearest limit, relative to it; of equals the first of the space. Else in its order.
  std::vector<std::uint64_t> within;
  /// Of those that would be better than the answer (if there is one) but break a limit, the one
  /// that breaks its limits least, and how many such there are.
  std::optional<std::uint64_t> nearest;
  std::uint64_t better_but = 0;
};

/// The figures of a set of networks on each configuration.
class ExploredSet {
 public:
  /// The explorations outlive it: a network each, of the same space.
  explicit ExploredSet(std::span<const Exploration> explorations);

  std::uint64_t size() const { return explorations_.front().points.size(); }
  /// Whether all networks can run.
  bool runs(std::uint64_t index) const;
  /// Whether a network was not simulated for the area.
  bool left_out(std::uint64_t index) const;
  double value(const SetFigure& figure, std::uint64_t index) const;
  /// By how much the limits are exceeded, relative to each, in the worst of them; below 0: how far
  /// it is from its nearest limit. 0 without limits.
  double excess(const std::vector<SetLimit>& limits, std::uint64_t index) const;

 private:
  std::span<const Exploration> explorations_;
  mutable std::vector<const Costs*> costs_;  // of one configuration
};

SetChoice choose(const ExploredSet& set, const ChoiceQuery& query);

}  // namespace dovetail
