#pragma once

#include <cstdint>
#include <memory>

#include "cost/model/cost_model.h"
#include "nas/experiments/gradient/differentiable_costs.h"
#include "nas/space/search_space.h"

namespace dovetail {

struct CostFitOptions {
  std::size_t pairs = 3000;       // simulated, drawn uniformly
  std::size_t held_out = 500;     // further ones, to measure the error
  std::size_t for_penalty = 800;  // of the pairs: their cross-validation chooses the penalty
  std::uint64_t seed = 1;
};

/// Pair-product fits (models/accuracy/ridge/pair_ridge.h) on random pairs of a joint space that
/// `costs` simulates: of the logarithm of the latency of those that run, and of running as 1 or 0
/// if some do not (least-squares classification). Their means over independent choices are exact:
/// log_latency is E[log T], infeasible is 1 - E[runs] where positive. Throws RunError if too few
/// of the pairs run, or if it was stopped.
std::unique_ptr<DifferentiableCosts> fit_costs(const SearchSpace& space, CostModel& costs,
                                               const CostFitOptions& options,
                                               const KeepGoing& keep_going);

}  // namespace dovetail
