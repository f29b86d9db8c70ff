#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm:
/// NSGA-II", IEEE Trans. Evol. Comp. 6(2), 2002): parents by binary tournament on (rank, crowding
/// distance) under constrained domination, offspring by crossover and mutation, and of parents and
/// offspring together the best `population` by (rank, crowding distance) survive.
///
/// Decisions are discrete, so crossover is uniform and mutation changes a decision to another of
/// its choices (each with probability mutations / number of decisions). A candidate that was
/// asked for before is mutated further: in a discrete space duplicates would crowd the population.
///
/// Own code rather than pagmo's nsga2, which knows no constraints, has no ask/tell, and works on
/// real-coded decisions only; pagmo's hypervolume is used as it is (nas/objective/hypervolume.h).
std::unique_ptr<Strategy> make_nsga2(const SearchDomain& domain,
                                     const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
