#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/statistics.h"
#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

template <typename T>
class Mlp;

/// Errors on pairs that training has not seen. Infeasible is the positive class of `infeasible`.
struct SurrogateErrors {
  /// In the order of predicted_costs(), of the pairs that are feasible, whatever was predicted.
  std::array<RegressionMetrics, kPredictedCosts> costs;
  DetectionMetrics infeasible;
  /// Of all pairs, feasible or not; a count of 0 if the model does not predict it.
  RegressionMetrics area;

  const RegressionMetrics& latency() const { return costs[0]; }
  const RegressionMetrics& energy() const { return costs[1]; }
  /// Mean over the costs of their mean relative errors: what picks the epoch.
  double mean_mape_percent() const;
  /// "latency error 0.91 %, energy error 0.53 %", for progress lines.
  std::string summary() const;
};

/// What a model says of some rows of a data set of its spaces.
std::vector<CostPrediction> predict_rows(const Surrogate& model, const Dataset& data,
                                         std::span<const std::size_t> rows);
/// The same for some of the members of a model.
std::vector<CostPrediction> predict_rows(const Surrogate::Impl& model,
                                         std::span<const Mlp<float>> members, const Dataset& data,
                                         std::span<const std::size_t> rows);
/// Errors of those predictions.
SurrogateErrors measure_errors(const Dataset& data, std::span<const std::size_t> rows,
                               std::span<const CostPrediction> predictions);

/// The figures of each cost and, if feasibility is known, the detection figures as JSON.
std::string to_json_text(const SurrogateErrors& errors, bool knows_feasibility);

}  // namespace dovetail
