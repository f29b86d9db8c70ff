#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/surrogate/dataset.h"
#include "models/surrogate/metrics.h"
#include "models/surrogate/surrogate.h"

namespace dovetail {

/// How a surrogate is trained. docs/surrogate.md has the measurements behind the defaults.
struct TrainingOptions {
  std::uint64_t seed = 0;  // of the split, the start and the order of rows
  std::size_t epochs = 30;
  std::vector<std::size_t> hidden = {256, 256, 256};
  std::size_t batch = 128;
  double learning_rate = 5e-3;              // at the start; falls as half a cosine to ...
  double final_learning_rate_share = 0.01;  // ... this share of it
  double weight_decay = 0.3;                // decoupled, per step and unit of learning rate
  double dropout = 0;                       // of hidden units
  double latency_weight = 10;               // of the latency loss against the feasibility loss
  double energy_weight = 3;                 // of the energy loss, likewise
  double validation_fraction = 0.05;        // picks the epoch
  double held_out_fraction = 0.1;           // measures the error, after training

  /// Throws InputError naming the option out of range.
  void validate() const;
};

/// Errors on pairs that training has not seen. Infeasible is the positive class of `infeasible`.
struct SurrogateErrors {
  /// In the order of predicted_costs(), of the pairs that are feasible, whatever was predicted.
  std::array<RegressionMetrics, kPredictedCosts> costs;
  DetectionMetrics infeasible;

  const RegressionMetrics& latency() const { return costs[0]; }
  const RegressionMetrics& energy() const { return costs[1]; }
  /// Mean over the costs of their mean relative errors: what picks the epoch.
  double mean_mape_percent() const;
  /// "latency error 0.91 %, energy error 0.53 %", for progress lines.
  std::string summary() const;
};

struct TrainingReport {
  std::string fingerprint;  // of the data set
  std::size_t rows = 0, feasible_rows = 0;
  std::size_t train = 0, validation = 0, held_out = 0;
  std::size_t best_epoch = 0;  // counted from 1
  bool knows_feasibility = false;
  SurrogateErrors errors;  // on the held-out part
  double seconds = 0;      // wall time of the training

  /// JSON, schema dovetail.training_report/2. `with_time` adds the seconds, which are the only
  /// thing that differs between two runs.
  std::string to_json(const TrainingOptions& options, bool with_time) const;
};

struct TrainedSurrogate {
  Surrogate model;
  TrainingReport report;
};

/// Called after each epoch with the errors on the validation part. Returning false stops the
/// training, which then throws RunError.
using TrainingProgress = std::function<bool(std::size_t epoch, const SurrogateErrors& validation)>;

/// Trains on one part of the rows, keeps the epoch with the lowest error (MAPE, the mean of latency
/// and energy) on another, measures on the third. Rows with equal pairs go to the same part.
/// Single-threaded; the same data, options and machine give the same bytes. Throws InputError if
/// the data is too small or has no feasible pair.
TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingProgress& progress = {});

/// What a model says of some rows of a data set of its spaces.
std::vector<CostPrediction> predict_rows(const Surrogate& model, const Dataset& data,
                                         std::span<const std::size_t> rows);
/// Errors of those predictions.
SurrogateErrors measure_errors(const Dataset& data, std::span<const std::size_t> rows,
                               std::span<const CostPrediction> predictions);

/// The figures of each cost and, if feasibility is known, the detection figures as JSON.
std::string to_json_text(const SurrogateErrors& errors, bool knows_feasibility);

}  // namespace dovetail
