#include "nas/experiments/gradient/gradient_search.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>

#include "base/text/error.h"

namespace dovetail {

std::string to_string(LatencyLoss loss) {
  return loss == LatencyLoss::kLogarithm ? "logarithm" : "relative";
}

LatencyLoss latency_loss_of_name(const std::string& name) {
  for (const LatencyLoss loss : {LatencyLoss::kLogarithm, LatencyLoss::kRelative}) {
    if (name == to_string(loss)) return loss;
  }
  throw InputError(fmt::format("unknown latency loss '{}', allowed are logarithm, relative", name));
}

double add_loss_gradient(const GradientProblem& problem, DifferentiableCosts& costs,
                         const GradientSearchOptions& options,
                         std::span<const double> probabilities, std::span<double> gradient) {
  double loss = -problem.add_top1_gradient(probabilities, -1, gradient);
  loss +=
      options.area_weight * problem.add_area_gradient(probabilities, options.area_weight, gradient);
  if (options.latency_loss == LatencyLoss::kLogarithm) {
    const RelaxedCosts found =
        costs.add_gradient(probabilities, options.lambda, options.infeasible_weight, gradient);
    return loss + options.lambda * found.log_latency + options.infeasible_weight * found.infeasible;
  }
  // The derivative of T / target is T / target times that of log T, which T is needed for first.
  std::vector<double> by_log(gradient.size(), 0), by_infeasible(gradient.size(), 0);
  const RelaxedCosts found = costs.add_gradient(probabilities, 1, 0, by_log);
  costs.add_gradient(probabilities, 0, options.infeasible_weight, by_infeasible);
  const double ratio = std::exp(found.log_latency) / options.target_latency_ms;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] += options.lambda * ratio * by_log[i] + by_infeasible[i];
  }
  return loss + options.lambda * (ratio - 1) + options.infeasible_weight * found.infeasible;
}

GradientAnswer search_by_gradient(const GradientProblem& problem, DifferentiableCosts& costs,
                                  const GradientSearchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  GradientAnswer answer;
  answer.probabilities =
      descend(options.relaxation, problem.space().decisions(), options.relaxed,
              [&](std::span<const double> probabilities, std::span<double> gradient) {
                add_loss_gradient(problem, costs, options, probabilities, gradient);
              });
  answer.pair = problem.predict(problem.most_likely(answer.probabilities), costs);
  answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return answer;
}

}  // namespace dovetail
