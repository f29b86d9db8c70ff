#pragma once

#include <string>
#include <vector>

#include "nas/experiments/explore/explore.h"

namespace dovetail {

/// Every configuration of a space for one network.
struct Exploration {
  std::string network;
  std::vector<Costs> points;
};

/// Indices of the configurations that no other is at least as good as in all of `figures` (some of
/// pair_figures()) and better in one; by the first figure. Of configurations that are equal in all
/// of them the one with the smallest index stands for the others.
std::vector<std::uint64_t> explored_front(const std::vector<Costs>& points,
                                          const std::vector<const Figure*>& figures);

/// Fronts of all networks: schema dovetail.exploration_front/1, the columns of
/// dovetail.exploration/1 after `network`, without the reason. `limits`: what was asked for, said
/// in the head and not applied; "" if nothing was.
std::string fronts_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                       const ExploreOptions& options, const std::vector<const Figure*>& figures,
                       const std::string& limits = "");
/// How many configurations of each network have which reason: schema
/// dovetail.exploration_reasons/1, columns network, configurations, feasible, then the reasons.
std::string reasons_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                        const ExploreOptions& options);

/// For the terminal: the front (a spread of it, if it is long) with the base of the space for
/// comparison, and of which parameters all of it is at a bound of the space.
std::string front_table(const Exploration& exploration, const DesignSpace& space,
                        const std::vector<const Figure*>& figures);
/// For the terminal: shares in percent, one row a network.
std::string reasons_table(const std::vector<Exploration>& explorations);

}  // namespace dovetail
