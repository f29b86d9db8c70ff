#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "base/process/tasks.h"
#include "cost/figures/costs.h"
#include "cost/model/pair_domain.h"

namespace dovetail {

/// What a cost model says of one pair.
struct PairCosts {
  Costs costs;
  std::optional<Answer> failure;  // why there are no costs: a kind of exception and its message
  bool refused = false;           // with a failure: the model cannot speak about this pair
  double seconds = 0;             // wall time that this pair took

  /// The costs; throws what the failure was.
  const Costs& checked() const;
};

/// Pairs that are asked for one after another, as many as one likes.
struct PairStream {
  std::uint64_t count = 0;
  std::function<Pair(std::uint64_t)> pair;  // depends on i alone, and may be asked for again
  /// Takes what was found of pair i, for i = 0, 1, 2, ... in this order and in this process.
  std::function<void(std::uint64_t, const Pair&, const PairCosts&)> deliver;
  /// Asked between answers and several times a second while waiting; false stops. May be empty.
  KeepGoing keep_going;
  /// Pairs of one request to another process: enough that handing them over costs nothing.
  std::uint64_t together = 1;
  /// What messages call pairs `first` to `end` - 1 ("rows 250 to 499"); may be empty.
  std::function<std::string(std::uint64_t first, std::uint64_t end)> name_of;
};

/// Says what networks cost on accelerators: simulation, a surrogate, a table, another machine.
class CostModel {
 public:
  virtual ~CostModel() = default;

  /// Returns how many pairs were delivered. A pair that goes wrong is delivered with its failure;
  /// an exception means that no pair can be asked for.
  virtual std::uint64_t stream(const PairStream& pairs) = 0;
  /// Whether it is final: a simulation says it, now or when a table was made, or it was measured;
  /// false: it is predicted.
  virtual bool simulates() const { return true; }
  /// Whether a feasible pair has all figures; false: those that somebody has measured or computed,
  /// which are the ones that whoever asks needs.
  virtual bool knows_all_figures() const { return true; }
  /// One for each pair, in their order; of the first few only if `keep_going` said no.
  std::vector<PairCosts> costs(std::span<const Pair> pairs, const KeepGoing& keep_going = {});
  /// Of one pair; throws what made it fail.
  Costs costs_of(const Pair& pair);
};

}  // namespace dovetail
