#include "cost/surrogate/rivals/comparison.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/numbers/random.h"
#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/data/dataset_tools.h"

namespace dovetail {
namespace {

using Clock = std::chrono::steady_clock;

/// Of the MLP's own held-out part, which nothing is measured on here but which it insists on.
constexpr double kUnusedFraction = 0.02;
/// Predictions are timed for at least so long and so often.
constexpr double kTimingSeconds = 0.2;
constexpr int kTimingRuns = 3;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The pairs that errors are measured on.
struct HeldOut {
  std::vector<Choices> network, hardware;
  std::vector<Costs> labels;
};

HeldOut feasible_pairs(const Dataset& data, const std::vector<std::size_t>& rows) {
  HeldOut pairs;
  for (const std::size_t r : rows) {
    if (!data.label(r).feasible()) continue;
    pairs.network.push_back(data.network(r));
    pairs.hardware.push_back(data.hardware(r));
    pairs.labels.push_back(data.label(r));
  }
  return pairs;
}

RegressionMetrics metrics_of(const PredictedCost& cost, const HeldOut& pairs,
                             const std::vector<CostPrediction>& predictions) {
  std::vector<double> truth, predicted;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double value = cost.of(predictions[i].costs);
    if (std::isnan(value)) return regression_metrics({}, {});
    truth.push_back(cost.of(pairs.labels[i]));
    predicted.push_back(value);
  }
  return regression_metrics(truth, predicted);
}

double time_predictions(const Rival& rival, const HeldOut& pairs) {
  double fastest = std::numeric_limits<double>::infinity();
  const Clock::time_point begin = Clock::now();
  for (int run = 0; run < kTimingRuns || seconds_since(begin) < kTimingSeconds; ++run) {
    const Clock::time_point start = Clock::now();
    rival.predict(pairs.network, pairs.hardware);
    fastest = std::min(fastest, seconds_since(start));
  }
  return 1e6 * fastest / static_cast<double>(pairs.labels.size());
}

/// Sizes in ascending order; throws InputError for those that cannot be.
std::vector<std::size_t> checked_sizes(std::vector<std::size_t> sizes, std::size_t available) {
  if (sizes.empty()) sizes = {available};
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  for (const std::size_t size : sizes) {
    if (size >= 1 && size <= available) continue;
    throw InputError(
        fmt::format("sizes: found {} labels, allowed 1 to {}: the rows that are not "
                    "held out",
                    size, available));
  }
  return sizes;
}

std::vector<std::size_t> shuffled(std::vector<std::size_t> rows, std::uint64_t seed) {
  constexpr std::uint64_t kOrderStream = 1;  // stream 0 is that of the split
  Rng rng(seed, kOrderStream);
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[rng.index(i)]);
  return rows;
}

RivalSetup setup_for(const RivalSetup& setup, std::uint64_t seed, std::size_t size) {
  RivalSetup result = setup;
  result.trees.seed = result.mlp.seed = seed;
  result.mlp.held_out_fraction = kUnusedFraction;
  result.mlp.epochs *= epochs_factor(size);
  return result;
}

ComparisonRow compare(const RivalKind& kind, const RivalSetup& setup, const Dataset& labels,
                      const HeldOut& pairs) {
  ComparisonRow row;
  row.model = kind.name;
  row.labels = labels.rows();
  const std::unique_ptr<Rival> rival = kind.make(setup);
  const Clock::time_point start = Clock::now();
  rival->fit(labels);
  row.fit_seconds = seconds_since(start);
  const auto predictions = rival->predict(pairs.network, pairs.hardware);
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    row.costs[c] = metrics_of(predicted_costs()[c], pairs, predictions);
  }
  row.us_per_prediction = time_predictions(*rival, pairs);
  return row;
}

}  // namespace

Comparison compare_rivals(const Dataset& data, const RivalSetup& setup,
                          const ComparisonOptions& options, const ComparisonProgress& progress) {
  setup.mlp.validate();
  std::vector<const RivalKind*> kinds;
  for (const std::string& name : options.models) kinds.push_back(&find_rival(name));
  if (kinds.empty()) {
    for (const RivalKind& kind : rival_kinds()) kinds.push_back(&kind);
  }
  const auto parts = split_rows(data, std::span(&options.held_out_fraction, 1), options.seed);
  const HeldOut pairs = feasible_pairs(data, parts[0]);
  if (pairs.labels.size() < 2) throw InputError("fewer than two feasible pairs are held out");
  const std::vector<std::size_t> order = shuffled(parts[1], options.seed);
  const std::vector<std::size_t> sizes = checked_sizes(options.labels, order.size());

  Comparison comparison{parts[0].size(), pairs.labels.size(), {}};
  for (const std::size_t size : sizes) {
    const Dataset labels = select_rows(data, std::span(order).first(size));
    for (const RivalKind* kind : kinds) {
      comparison.rows.push_back(
          compare(*kind, setup_for(setup, options.seed, size), labels, pairs));
      if (progress) progress(comparison.rows.back());
    }
  }
  return comparison;
}

std::string to_csv(const Comparison& comparison) {
  CsvWriter csv("dovetail.surrogate_comparison/1");
  csv.header({{"model"},
              {"labels"},
              {"held_out"},
              {"cost"},
              {"mape_percent", "%"},
              {"p95_percent", "%"},
              {"r2"},
              {"kendall_tau"},
              {"fit_seconds", "s"},
              {"us_per_prediction", "us"}});
  for (const ComparisonRow& row : comparison.rows) {
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      const RegressionMetrics& m = row.costs[c];
      if (m.count == 0) continue;
      csv.row(row.model, row.labels, m.count, predicted_costs()[c].figure->name, m.mape_percent,
              m.p95_percent, m.r2, m.kendall_tau, fmt::format("{:.3f}", row.fit_seconds),
              fmt::format("{:.3f}", row.us_per_prediction));
    }
  }
  return csv.text();
}

}  // namespace dovetail
