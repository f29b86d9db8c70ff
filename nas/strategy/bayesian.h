#pragma once

#include <memory>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// Bayesian optimisation with the constraint-aware acquisition of HyperPower (Stamoulis et al.,
/// "HyperPower: power- and memory-constrained hyper-parameter optimization for neural networks",
/// DATE 2018). A Gaussian process (nas/strategy/gaussian_process.h) on the reward; each candidate
/// of a batch has the largest expected improvement over the best acceptable reward among `pool`
/// candidates not asked before, half of them uniform, half near the best ten; for the next of the
/// batch the process believes its own mean at those chosen (kriging believer, Ginsbourger 2010).
///
/// constraints = 2: zero where violation is predicted (HyperPower's HW-IECI); 1: times the
/// probability that the constraints hold (HW-CWEI; Gardner et al. 2014); 0: the vanilla one that
/// HyperPower compares with, to which a candidate that violates is as good as its reward. The
/// prediction is what the domain knows (SearchDomain::predicted_violation()) and, for the rest,
/// learned from the outcomes by least-squares classification with the same kernel (Rasmussen &
/// Williams 2006, section 6.5), where HyperPower has linear models fitted beforehand.
///
/// The cost is bounded: the process is fitted to at most `points` outcomes, half of them the best,
/// the others the latest.
std::unique_ptr<Strategy> make_bayesian(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed);

/// The same for a front instead of a reward, by random weightings of the objectives (Knowles,
/// "ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective
/// optimization problems", IEEE Trans. Evolutionary Computation 10 (1), 2006): each candidate of a
/// batch has the largest expected improvement of its own weighting, the augmented Tchebycheff
/// function max_k w_k f_k + 0.05 sum_k w_k f_k with w uniform on the simplex and f_k relative to
/// the front found so far.
///
/// Where Knowles models the weighted sum, the process here models each f_k, which is smoother, and
/// the expectation is over samples of them (Astudillo & Frazier, "Bayesian optimization of
/// composite functions", ICML 2019).
std::unique_ptr<Strategy> make_parego(const SearchDomain& domain,
                                      const StrategyParameters& parameters, std::uint64_t seed);

}  // namespace dovetail
