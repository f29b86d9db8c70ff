#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/mapping/layer_mapper.h"
#include "sim/mapping/residency.h"
#include "sim/program/infeasible.h"
#include "sim/program/program.h"

namespace dovetail {

/// What a program takes.
using ProgramCycles = std::function<std::int64_t(const Program&)>;
/// By the mapper's prediction, that is each layer by itself.
std::int64_t predicted_cycles(const Program& program);

/// Turns a network into a program: decides where weights and activations live, maps each layer into
/// what is left of local memory, and prefetches the next layer's weights where there is room.
///
/// Activations stay on chip from the layer that makes them to the last that reads them. Where that
/// leaves too little for a layer's tiles, its output goes to DRAM instead; if that is not enough,
/// the largest tensor alive does, from its making on.
class Planner {
 public:
  explicit Planner(MapperOptions options = {}) : mapper_(options) {}

  /// Fills `program`, or says why the network cannot run; then the program is empty. Where the
  /// weight policy leaves a choice (sim/mapping/residency.h), it is the program of the fewest
  /// `cycles`.
  std::optional<Infeasible> plan(const Network& network, const AcceleratorConfig& accelerator,
                                 Program& program, const ProgramCycles& cycles = predicted_cycles);

  int effort() const { return mapper_.effort(); }
  /// Of the last plan, for each layer: what the mapper saw of it, and in which circumstances.
  const LayerGeometry& geometry(std::size_t layer) const { return mapper_.layer(layers_[layer]); }
  const std::vector<LayerContext>& contexts() const { return contexts_; }

 private:
  enum class Attempt { kDone, kRetry, kInfeasible };
  Attempt attempt(const Network& network, const AcceleratorConfig& accelerator, Program& program);
  void start(const Network& network, const AcceleratorConfig& accelerator);
  /// Attempts until nothing more needs to go to DRAM.
  std::optional<Infeasible> plan_with(const Network& network, const AcceleratorConfig& accelerator,
                                      const Residency& residency, Program& program);
  /// False (and failure_ set, the program empty) if it cannot run.
  bool retry_until_done(const Network& network, const AcceleratorConfig& accelerator,
                        Program& program);
  /// Sends tensors of more than a third of local memory to DRAM in the next attempt; false if none
  /// stayed on the chip.
  bool force_large_tensors(const AcceleratorConfig& accelerator);
  /// Maps layer `i`, spilling its output if it must; empty (and failure_ set) if neither fits.
  const MappedLayer* map_layer(const Network& network, const AcceleratorConfig& accelerator,
                               std::size_t i, std::int64_t available);
  /// Local memory of one PE that the output of layer `i` takes where it stays on chip.
  std::int64_t kept_bytes(const Network& network, std::size_t i) const;
  /// Local memory of one PE taken by tensors that layer `i` must not disturb, its inputs included.
  std::int64_t live_bytes(const Network& network, std::size_t i) const;
  /// Sends the largest of these to DRAM in the next attempt; false if there is none.
  bool spill_largest(const Network& network, std::size_t i);

  LayerMapper mapper_;
  std::vector<std::size_t> layers_;  // their numbers in the mapper
  std::vector<LayerContext> contexts_;
  std::vector<char> forced_to_dram_;        // a layer's output, decided by an earlier attempt
  std::vector<TensorPlacement> placement_;  // of each layer's output
  const Residency* residency_ = nullptr;    // of the plan under way
  std::int64_t kept_bytes_ = 0;             // of one PE: the weights that it keeps
  Infeasible failure_;
};

}  // namespace dovetail
