#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/training/trainer.h"

namespace dovetail {

class DesignSpace;
class NetworkSpace;

/// A cost model among others that are compared on the same labels.
class Rival {
 public:
  virtual ~Rival() = default;
  /// Fits to the feasible rows. Throws InputError if there are too few.
  virtual void fit(const Dataset& labels) = 0;
  /// One prediction for each pair network[i], hardware[i]; NaN for a cost that it does not predict.
  /// Single-threaded. feasible_probability is 1 except of models that learn it.
  virtual std::vector<CostPrediction> predict(std::span<const Choices> network,
                                              std::span<const Choices> hardware) const = 0;
};

/// How boosted trees are grown. docs/surrogate_rivals.md has the measurements behind the defaults.
struct BoostedTreesOptions {
  int rounds = 4000;  // trees of each cost
  int depth = 4;
  double learning_rate = 0.05;
  double row_share = 0.8;     // of the rows, drawn anew for each tree
  double column_share = 0.8;  // of the inputs, likewise
  double smallest_child = 3;  // rows
  std::uint64_t seed = 0;     // of both
};

/// What the rivals are made from. The spaces must be those of the data set and outlive the rivals.
struct RivalSetup {
  const NetworkSpace& networks;
  const DesignSpace& accelerators;
  TrainingOptions mlp = {};               // of the comparison: without seed and fractions
  BoostedTreesOptions trees = {};         // likewise without seed
  std::function<bool()> keep_going = {};  // asked now and then; false ends a fit with RunError
};

/// One row of the table of rivals.
struct RivalKind {
  std::string name;         // "lookup_table"
  std::string description;  // one line
  bool predicts_energy;     // beside the latency
  std::unique_ptr<Rival> (*make)(const RivalSetup& setup);
};

/// Those of this build, from the simplest on: without XGBoost there are no boosted trees.
std::span<const RivalKind> rival_kinds();
/// Throws InputError naming the nearest known name.
const RivalKind& find_rival(const std::string& name);
/// Why rivals are missing from this build; empty if none is.
std::string missing_rivals();

}  // namespace dovetail
