#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// How rivals are compared.
struct ComparisonOptions {
  std::uint64_t seed = 0;           // of the split and of the fits
  double held_out_fraction = 0.1;   // of the distinct pairs; the same for all models and sizes
  std::vector<std::size_t> labels;  // sizes to fit with; empty: all that are not held out
  std::vector<std::string> models;  // names of rival_kinds(); empty: all
};

/// One model fitted to so many labels.
struct ComparisonRow {
  std::string model;
  std::size_t labels = 0;  // infeasible ones included
  /// On the held-out feasible pairs, in the order of predicted_costs(); a count of 0 and NaN for a
  /// cost that the model does not predict.
  std::array<RegressionMetrics, kPredictedCosts> costs;
  double fit_seconds = 0;        // wall time
  double us_per_prediction = 0;  // wall time of all costs of one pair, in a batch of the held-out
                                 // ones, from its choices on; the fastest of some runs
};

struct Comparison {
  std::size_t held_out = 0, held_out_feasible = 0;  // pairs that errors are measured on
  std::vector<ComparisonRow> rows;                  // by size, then in the order of the models
};

/// Called after each row.
using ComparisonProgress = std::function<void(const ComparisonRow& row)>;

/// Fits every model to every size and measures them on one held-out part. The labels of a size are
/// among those of the next: a random order of the rows (`seed`), cut. Throws InputError if a size
/// is 0 or more than there is. Errors depend on data and options alone, times on the machine.
Comparison compare_rivals(const Dataset& data, const RivalSetup& setup,
                          const ComparisonOptions& options, const ComparisonProgress& progress);

/// Schema dovetail.surrogate_comparison/1. A row for each model, size and predicted cost:
/// model,labels,held_out,cost,mape_percent,p95_percent,r2,kendall_tau,fit_seconds,us_per_prediction
std::string to_csv(const Comparison& comparison);

}  // namespace dovetail
