#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Bayesian optimisation under constraints. A Gaussian process (nas/strategy/figure_models.h) on
/// each figure; each candidate of a batch is the one of largest expected gain
/// (nas/strategy/acquisition.h) among those not asked before:
///
/// - the pool: half uniform, half near the best that are known; then `local_search` rounds in which
///   the neighbours of the most valuable ones join it;
/// - for the next of the batch the models believe their own means at those chosen.
///
/// constraints = 2: zero where violation is predicted (HyperPower's HW-IECI; Stamoulis et al.,
/// "HyperPower: power- and memory-constrained hyper-parameter optimization for neural networks",
/// DATE 2018); 1: times the probability that the constraints hold (HW-CWEI; Gardner et al. 2014, a
/// process for each constraint); 0: the constraints are not looked at. What the domain knows
/// beforehand (SearchDomain::predicted_violation()) to violate is never asked for unless they are
/// ignored. While nothing is acceptable, the gain is the expected fall of the violation.
///
/// The cost is bounded: a process is fitted to at most `points` outcomes, half of them the best,
/// the others the latest.

/// For a reward: expected improvement.
std::unique_ptr<Strategy> make_bayesian(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed);

/// For a front, by random weightings of the objectives (Knowles, "ParEGO: a hybrid algorithm with
/// on-line landscape approximation for expensive multiobjective optimization problems", IEEE Trans.
/// Evolutionary Computation 10 (1), 2006). Where Knowles models the weighted sum, the processes
/// here model each objective, which is smoother, and the expectation is over samples of them
/// (Astudillo & Frazier, "Bayesian optimization of composite functions", ICML 2019).
std::unique_ptr<Strategy> make_parego(const SearchDomain& domain,
                                      const StrategyParameters& parameters, std::uint64_t seed);

/// For a front, by expected hypervolume improvement against the domain's reference point.
std::unique_ptr<Strategy> make_ehvi(const SearchDomain& domain,
                                    const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
