#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nas/experiments/gradient/differentiable_costs.h"
#include "nas/experiments/gradient/gradient_problem.h"
#include "nas/strategy/relaxed_choices.h"

namespace dovetail {

/// How the latency T enters the loss, beside -E[top-1 in percent].
enum class LatencyLoss {
  kLogarithm,  // lambda log T (thesis, equation 5.7)
  kRelative,   // lambda (T - target) / target (ProxylessNAS, whose lambda is 0.1 beside an entropy)
};
std::string to_string(LatencyLoss loss);
/// Throws InputError naming the known ones.
LatencyLoss latency_loss_of_name(const std::string& name);

struct GradientSearchOptions {
  Relaxation relaxation = Relaxation::kSoftmax;
  RelaxationOptions relaxed;
  LatencyLoss latency_loss = LatencyLoss::kLogarithm;
  double lambda = 1;
  double target_latency_ms = 1;   // of kRelative
  double area_weight = 20;        // points of top-1 for each e-fold of area beyond the limit
  double infeasible_weight = 10;  // of RelaxedCosts::infeasible
};

/// What a search ends with.
struct GradientAnswer {
  std::vector<double> probabilities;
  PredictedPair pair;  // the most likely one
  double seconds = 0;
};

/// Loss -E[top-1] + latency term + area_weight max(0, E[log area] - log limit) + infeasible_weight
/// x infeasible, downhill for a number of steps from near uniform choices, of networks and
/// accelerators in one vector. T is exp(log_latency) of the costs. Deterministic for a seed.
GradientAnswer search_by_gradient(const GradientProblem& problem, DifferentiableCosts& costs,
                                  const GradientSearchOptions& options);

/// The loss of `options` at a point; adds its gradient.
double add_loss_gradient(const GradientProblem& problem, DifferentiableCosts& costs,
                         const GradientSearchOptions& options,
                         std::span<const double> probabilities, std::span<double> gradient);

}  // namespace dovetail
