#include "sim/mapping/planner.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/mapping/program_writer.h"

namespace dovetail {

std::int64_t predicted_cycles(const Program& program) {
  std::int64_t cycles = 0;
  for (const LayerProgram& layer : program.layers) cycles += layer.mapping.predicted_cycles;
  return cycles;
}

std::optional<Infeasible> Planner::plan(const Network& network,
                                        const AcceleratorConfig& accelerator, Program& program,
                                        const ProgramCycles& cycles) {
  start(network, accelerator);
  std::optional<Infeasible> failure;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  const std::vector<Residency> choices = residencies(network, accelerator);
  std::size_t best = choices.size();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    failure = plan_with(network, accelerator, choices[i], program);
    if (failure || choices.size() == 1) continue;
    if (const std::int64_t found = cycles(program); found < fewest) {
      fewest = found;
      best = i;
    }
  }
  // Mappings are known by now, so that planning again costs little.
  if (best + 1 < choices.size()) failure = plan_with(network, accelerator, choices[best], program);
  return failure;
}

void Planner::start(const Network& network, const AcceleratorConfig& accelerator) {
  mapper_.start(accelerator);
  layers_.clear();
  for (const Layer& layer : network.layers()) {
    layers_.push_back(mapper_.add(LayerGeometry::of(network, layer)));
  }
}

std::optional<Infeasible> Planner::plan_with(const Network& network,
                                             const AcceleratorConfig& accelerator,
                                             const Residency& residency, Program& program) {
  residency_ = &residency;
  kept_bytes_ = kept_bytes_per_pe(network, residency, accelerator.pes());
  const auto memory = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  forced_to_dram_.assign(layers_.size(), 0);
  failure_ = {};
  if (kept_bytes_ > memory || !retry_until_done(network, accelerator, program)) {
    program.clear();
    if (kept_bytes_ == 0 || failure_.reason == InfeasibleReason::kRegisterFileTooSmall) {
      return failure_;
    }
    return Infeasible{
        InfeasibleReason::kWeightsDoNotFit,
        fmt::format("weights: cached needs {} bytes of local memory per PE beside the "
                    "activations; there are {}",
                    kept_bytes_, memory)};
  }
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
  placement_.assign(layers_.size(), {});
  contexts_.resize(layers_.size());
  const auto present = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  ProgramWriter writer(program, accelerator);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::int64_t available = present - kept_bytes_ - live_bytes(network, i);
    const MappedLayer* mapped = map_layer(network, accelerator, i, available);
    if (mapped == nullptr) {
      const bool more_memory_helps = failure_.reason == InfeasibleReason::kLocalMemoryTooSmall;
      if (more_memory_helps && spill_largest(network, i)) return Attempt::kRetry;
      failure_.text = "layer " + network.layers()[i].name + " " + failure_.text;
      return Attempt::kInfeasible;
    }
    writer.append(geometry(i), *mapped, contexts_[i].weights_cached,
                  available - mapped->schedule.needed_bytes());
  }
  writer.finish();
  return Attempt::kDone;
}

const MappedLayer* Planner::map_layer(const Network& network, const AcceleratorConfig& accelerator,
                                      std::size_t i, std::int64_t available) {
  const Layer& layer = network.layers()[i];
  const bool is_output = network.last_reader()[i] == static_cast<int>(i);  // no layer reads it
  LayerContext context;
  context.weights_cached = (*residency_)[i] != 0;
  context.available_bytes = available;
  for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
    const int from = layer.inputs[k];
    if (from != kNetworkInput) context.inputs[k] = placement_[static_cast<std::size_t>(from)];
  }
  for (const bool on_chip : {true, false}) {
    if (on_chip && (is_output || forced_to_dram_[i])) continue;
    context.output_on_chip = on_chip;
    auto result = mapper_.map(layers_[i], context);
    if (const auto* mapped = std::get_if<const MappedLayer*>(&result)) {
      PeSplit layout = (*mapped)->mapping.pes;
      if (geometry(i).kind == WorkKind::kGlobalPool) layout = {1, 1, accelerator.pes()};
      placement_[i] = {on_chip, layout};
      contexts_[i] = context;
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
