#pragma once

#include <functional>
#include <span>
#include <string>

#include "cost/figures/costs.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

enum class FigureKind {
  kMetric,  // objectives, constraints and limits may name it
  kCount,   // a whole number that files show beside the metrics
};

/// One row of the table of figures: all that can be said of a (network, accelerator) pair as a
/// number. Tables, columns of files, rows of the study store, objectives and constraints name
/// these.
struct Figure {
  std::string key;   // "latency_ms": in files, with its unit
  std::string name;  // "latency": for people
  std::string unit;  // "ms"
  std::string meaning;
  FigureKind kind;
  bool maximise;
  bool predicted;         // also known where costs are predicted instead of simulated
  bool known_infeasible;  // also known where the network cannot run
  int decimals;           // in tables
  /// NaN where it is not known.
  std::function<double(const Costs&, const AccuracyEstimate&)> get;
  /// Null: it follows from others, and is in no file of its own.
  std::function<void(double value, Costs&, AccuracyEstimate&)> set;

  /// Of costs alone; what needs an accuracy is that of an unknown network.
  double of(const Costs& costs) const { return get(costs, {}); }
};

/// The whole table: first the metrics, then the counts. Average power and energy-delay product
/// follow from energy and latency, so they are known wherever those are.
std::span<const Figure> figures();
std::span<const Figure> metrics();
std::span<const Figure> counts();

/// Throws InputError naming the nearest known figure.
const Figure& find_figure(const std::string& key);
/// The same among the metrics, and those of sets (set_figures.h).
const Figure& find_metric(const std::string& key);

/// What files with a row a pair hold, in the order of their columns: latency, cycles, area, energy.
std::span<const Figure* const> pair_figures();
/// The reason (without its text) and these figures alone: what a file of pairs gives back.
Costs pair_costs(const Costs& costs);

}  // namespace dovetail
