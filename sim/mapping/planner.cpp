#include "sim/mapping/planner.h"

#include <fmt/core.h>

#include <algorithm>

namespace dovetail {
namespace {

std::int64_t vector_ops(const LayerGeometry& layer) {
  std::int64_t ops = layer.table_activation ? layer.out_elements() : 0;
  if (layer.kind == WorkKind::kElementwise) ops += layer.out_elements();
  if (layer.kind == WorkKind::kGlobalPool) ops += layer.in_elements();
  if (layer.kind == WorkKind::kDepthwise && layer.weight_bytes == 0) {
    ops += layer.out_elements() * layer.taps();
  }
  return ops;
}

std::int64_t predicted_cycles(const Program& program) {
  std::int64_t cycles = 0;
  for (const LayerProgram& layer : program.layers) cycles += layer.mapping.predicted_cycles;
  return cycles;
}

/// Appends the commands of one layer to a program, and what of them an earlier layer can do ahead.
class ProgramWriter {
 public:
  ProgramWriter(Program& program, std::int64_t local_memory_bytes)
      : program_(program), local_memory_bytes_(local_memory_bytes) {}

  /// `room` is the local memory of one PE that the layer leaves unused.
  void append(const LayerGeometry& layer, const MappedLayer& mapped, std::int64_t room,
              bool prefetch) {
    const LayerSchedule& schedule = mapped.schedule;
    std::vector<Transfer>& transfers = program_.transfers;
    const std::size_t ahead = prefetch ? prefetch_weights(schedule) : 0;

    LayerProgram out;
    out.first_tile = static_cast<std::int32_t>(program_.tiles.size());
    out.tiles = static_cast<std::int32_t>(schedule.tiles.size());
    out.first_transfer = static_cast<std::int32_t>(transfers.size());
    out.transfers = static_cast<std::int32_t>(schedule.transfers.size());
    out.macs = layer.macs;
    out.vector_ops = vector_ops(layer);
    out.register_file_bytes = schedule.register_file_bytes;
    out.local_memory_bytes = schedule.local_memory_bytes;
    out.interconnect_bytes = schedule.interconnect_bytes;
    out.io_bytes = schedule.io_bytes;
    out.local_memory_need = local_memory_bytes_ - room;
    out.register_file_need = schedule.register_file_need;
    out.mapping = mapped.mapping;
    program_.tiles.insert(program_.tiles.end(), schedule.tiles.begin(), schedule.tiles.end());
    transfers.insert(transfers.end(), schedule.transfers.begin(), schedule.transfers.end());

    // What was prefetched stays as a load of no bytes: it is complete when the prefetch is.
    std::size_t left = ahead;
    for (std::size_t t = static_cast<std::size_t>(out.first_transfer); left > 0; ++t) {
      if (transfers[t].kind != TransferKind::kWeights) continue;
      out.prefetched_bytes += transfers[t].io_bytes;
      transfers[t].io_bytes = transfers[t].interconnect_bytes = transfers[t].local_bytes = 0;
      --left;
    }
    insert_at_ = static_cast<std::size_t>(out.first_transfer + schedule.last_load + 1);
    room_ = room;
    program_.layers.push_back(out);
  }

 private:
  /// Adds the weights of the first tiles to the layer before, behind its last load; both buffers if
  /// there is room, one if not. Returns how many transfers were moved ahead.
  std::size_t prefetch_weights(const LayerSchedule& schedule) {
    if (program_.layers.empty()) return 0;
    std::size_t moved = 0;
    for (const Transfer& t : schedule.transfers) {
      if (t.tile > 1 || moved == 2) break;
      if (t.kind != TransferKind::kWeights) continue;
      if (t.io_bytes == 0 || schedule.weight_tile_bytes > room_) break;
      Transfer ahead = t;
      ahead.prefetch = true;
      ahead.after_tile = -1;
      program_.transfers.insert(
          program_.transfers.begin() + static_cast<std::ptrdiff_t>(insert_at_ + moved), ahead);
      ++program_.layers.back().transfers;
      room_ -= schedule.weight_tile_bytes;
      program_.layers.back().local_memory_need += schedule.weight_tile_bytes;
      ++moved;
    }
    return moved;
  }

  Program& program_;
  const std::int64_t local_memory_bytes_;
  std::size_t insert_at_ = 0;
  std::int64_t room_ = 0;
};

}  // namespace

std::optional<Infeasible> Planner::plan(const Network& network,
                                        const AcceleratorConfig& accelerator, Program& program) {
  mapper_.start(accelerator);
  layers_.clear();
  for (const Layer& layer : network.layers()) {
    layers_.push_back(mapper_.add(LayerGeometry::of(network, layer)));
  }
  const auto memory = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  const std::int64_t weights = ceil_div(network.weight_bytes(), accelerator.pes());
  const bool room = weights <= memory;

  if (accelerator.weights == WeightPolicy::kCached) {
    auto failure = room ? plan_with(true, network, accelerator, program) : Infeasible{};
    if (!failure || failure->reason == InfeasibleReason::kRegisterFileTooSmall) return failure;
    return Infeasible{
        InfeasibleReason::kWeightsDoNotFit,
        fmt::format("weights: cached needs {} bytes of local memory per PE beside the "
                    "activations; there are {}",
                    weights, memory)};
  }
  if (accelerator.weights == WeightPolicy::kAuto && room) {
    // What is left beside cached weights may be so little that streaming them is faster.
    const bool fits = !plan_with(true, network, accelerator, program) && !spilled_;
    const std::int64_t cached = predicted_cycles(program);
    const auto failure = plan_with(false, network, accelerator, program);
    if (!fits || (!failure && predicted_cycles(program) < cached)) return failure;
    return plan_with(true, network, accelerator, program);
  }
  return plan_with(false, network, accelerator, program);
}

std::optional<Infeasible> Planner::plan_with(bool cached, const Network& network,
                                             const AcceleratorConfig& accelerator,
                                             Program& program) {
  weights_cached_ = cached;
  forced_to_dram_.assign(layers_.size(), 0);
  if (!retry_until_done(network, accelerator, program)) return failure_;
  // A large tensor may leave the layers beside it so little that their tiles are too small to fill
  // the units; then it is cheaper to send it out and back.
  const std::vector<char> kept = forced_to_dram_;
  if (!force_large_tensors(accelerator)) return std::nullopt;
  const std::int64_t cycles = predicted_cycles(program);
  if (retry_until_done(network, accelerator, program) && predicted_cycles(program) < cycles) {
    return std::nullopt;
  }
  forced_to_dram_ = kept;
  retry_until_done(network, accelerator, program);
  return std::nullopt;
}

bool Planner::retry_until_done(const Network& network, const AcceleratorConfig& accelerator,
                               Program& program) {
  Attempt result = Attempt::kRetry;
  while (result == Attempt::kRetry) result = attempt(network, accelerator, program);
  if (result != Attempt::kDone) program.clear();
  return result == Attempt::kDone;
}

bool Planner::force_large_tensors(const AcceleratorConfig& accelerator) {
  const double limit = accelerator.local_memory_bytes() / 3;
  bool any = false;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::int64_t bytes = ceil_div(geometry(i).out_bytes(), accelerator.pes());
    if (static_cast<double>(bytes) <= limit) continue;
    any = any || placement_[i].on_chip;
    forced_to_dram_[i] = 1;
  }
  return any;
}

Planner::Attempt Planner::attempt(const Network& network, const AcceleratorConfig& accelerator,
                                  Program& program) {
  program.clear();
  program.weights_cached = weights_cached_;
  placement_.assign(layers_.size(), {});
  contexts_.resize(layers_.size());
  spilled_ = false;
  const auto present = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  ProgramWriter writer(program, present);
  const auto memory =
      present - (weights_cached_ ? ceil_div(network.weight_bytes(), accelerator.pes()) : 0);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::int64_t available = memory - live_bytes(network, i);
    const MappedLayer* mapped = map_layer(network, accelerator, i, available);
    if (mapped == nullptr) {
      const bool more_memory_helps = failure_.reason == InfeasibleReason::kLocalMemoryTooSmall;
      if (more_memory_helps && spill_largest(network, i)) return Attempt::kRetry;
      failure_.text = "layer " + network.layers()[i].name + " " + failure_.text;
      return Attempt::kInfeasible;
    }
    writer.append(geometry(i), *mapped, available - mapped->schedule.needed_bytes(),
                  accelerator.weight_prefetch_layers > 0);
  }
  return Attempt::kDone;
}

const MappedLayer* Planner::map_layer(const Network& network, const AcceleratorConfig& accelerator,
                                      std::size_t i, std::int64_t available) {
  const Layer& layer = network.layers()[i];
  const bool last = i + 1 == layers_.size();
  LayerContext context;
  context.weights_cached = weights_cached_;
  context.available_bytes = available;
  for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
    const int from = layer.inputs[k];
    if (from != kNetworkInput) context.inputs[k] = placement_[static_cast<std::size_t>(from)];
  }
  for (const bool on_chip : {true, false}) {
    if (on_chip && (last || forced_to_dram_[i])) continue;
    context.output_on_chip = on_chip;
    auto result = mapper_.map(layers_[i], context);
    if (const auto* mapped = std::get_if<const MappedLayer*>(&result)) {
      PeSplit layout = (*mapped)->mapping.pes;
      if (geometry(i).kind == WorkKind::kGlobalPool) layout = {1, 1, accelerator.pes()};
      placement_[i] = {on_chip, layout};
      contexts_[i] = context;
      spilled_ = spilled_ || (!on_chip && !last);
      return *mapped;
    }
    failure_ = std::get<Infeasible>(result);
    if (failure_.reason != InfeasibleReason::kLocalMemoryTooSmall) return nullptr;
  }
  return nullptr;
}

std::int64_t Planner::kept_bytes(const Network& network, std::size_t i) const {
  const Layer& layer = network.layers()[i];
  return resident_bytes(layer.output, layer.bits.activation, placement_[i].layout);
}

std::int64_t Planner::live_bytes(const Network& network, std::size_t i) const {
  std::int64_t bytes = 0;
  for (std::size_t j = 0; j < i; ++j) {
    if (placement_[j].on_chip && network.last_reader()[j] >= static_cast<int>(i)) {
      bytes += kept_bytes(network, j);
    }
  }
  return bytes;
}

bool Planner::spill_largest(const Network& network, std::size_t i) {
  std::int64_t largest = 0;
  std::size_t which = 0;
  for (std::size_t j = 0; j < i; ++j) {
    if (!placement_[j].on_chip || network.last_reader()[j] < static_cast<int>(i)) continue;
    const std::int64_t bytes = kept_bytes(network, j);
    if (bytes > largest) {
      largest = bytes;
      which = j;
    }
  }
  if (largest == 0) return false;
  forced_to_dram_[which] = 1;
  return true;
}

}  // namespace dovetail
