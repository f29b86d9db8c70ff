#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"

namespace dovetail {

/// What a (network, accelerator) pair is said to cost, for choices that are there in part.
struct RelaxedCosts {
  double log_latency = 0;  // natural logarithm of the latency in ms
  double infeasible = 0;   // at least 0; 0 where pairs can run
};

/// Costs as a function of the probabilities of choices, with its gradient. The decisions are those
/// of the network space followed by those of the design space; probabilities stand as
/// ChoiceFeatures numbers them.
class DifferentiableCosts {
 public:
  virtual ~DifferentiableCosts() = default;
  /// Adds the derivatives of latency_weight x log_latency + infeasible_weight x infeasible to
  /// `gradient`.
  virtual RelaxedCosts add_gradient(std::span<const double> probabilities, double latency_weight,
                                    double infeasible_weight, std::span<double> gradient) = 0;
  /// Of a pair of whole choices, in ms; infinite if it is said not to run.
  virtual double latency_ms(const Choices& pair) = 0;
  /// Of each of many, for costs that are told sooner together.
  virtual std::vector<double> latencies_ms(std::span<const Choices> pairs) {
    std::vector<double> latencies;
    for (const Choices& pair : pairs) latencies.push_back(latency_ms(pair));
    return latencies;
  }
  /// One line for reports, with the error on pairs not seen.
  virtual std::string description() const = 0;
};

}  // namespace dovetail
