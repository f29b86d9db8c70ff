#include "sim/simulator.h"

#include <limits>
#include <optional>

#include "base/files/paths.h"
#include "sim/functional/functional_model.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/mapping/planner.h"
#include "sim/program/trace.h"
#include "sim/silicon/area_model.h"
#include "sim/timing/bandwidth_server.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/timing/io_port_timing.h"
#include "sim/timing/local_memory_timing.h"
#include "sim/tlm/accelerator.h"

namespace dovetail {
namespace {

MemoryUse memory_use(const LayerProgram& program, const AcceleratorConfig& accelerator) {
  return {program.local_memory_need, static_cast<std::int64_t>(accelerator.local_memory_bytes()),
          program.register_file_need, static_cast<std::int64_t>(accelerator.register_file_bytes())};
}

LayerResult report(const Layer& layer, const LayerProgram& program, const CycleBreakdown& breakdown,
                   std::int64_t loaded_ahead, const AcceleratorConfig& accelerator) {
  LayerResult result;
  result.name = layer.name;
  result.op = to_string(layer.op);
  if (layer.is_depthwise()) result.op = "depthwise_" + result.op;
  result.mapping = program.mapping.str();
  result.cycles = breakdown.total();
  result.breakdown = breakdown;
  result.lower_bound_compute_cycles =
      transfer_cycles(program.macs, accelerator.peak_macs_per_cycle());
  result.prefetched_bytes = program.prefetched_bytes + loaded_ahead;
  result.lower_bound_io_cycles =
      transfer_cycles(program.io_bytes - result.prefetched_bytes, accelerator.io_bytes_per_cycle());
  result.utilization = static_cast<double>(program.macs) /
                       (accelerator.peak_macs_per_cycle() * static_cast<double>(result.cycles));
  result.memory = memory_use(program, accelerator);
  result.activity = {program.macs,
                     program.vector_ops,
                     program.register_file_bytes,
                     program.local_memory_bytes,
                     program.interconnect_bytes,
                     program.io_bytes};
  return result;
}

/// That `bytes` of weights take from DRAM into the local memories among which they are spread, if
/// nothing else moves: the slowest of IO port, bus and local memory decides.
Cycles weight_load_cycles(std::int64_t bytes, const AcceleratorConfig& accelerator) {
  if (bytes == 0) return 0;
  const std::int64_t share = ceil_div(bytes, accelerator.pes());
  InterconnectTiming interconnect(accelerator);
  const Cycles moved = interconnect.move(0, {false, bytes, share}).done;
  const Cycles stored = LocalMemoryTiming(accelerator).fill(0, share).done;
  return std::max(IoPortTiming(accelerator).pass(0, bytes).done,
                  interconnect.arrival(moved, stored));
}

/// The first inference as one that loads the kept weights, and then is as all others: an upper
/// bound, since a layer could compute while the weights of later ones are loaded.
void add_cold_start(const AcceleratorConfig& accelerator, const EnergyModel& energy,
                    SimulationResult& result) {
  const std::int64_t bytes = result.kept_weight_bytes;
  ActivityCounts load;
  load.io_bytes = load.interconnect_bytes = load.local_memory_bytes = bytes;
  result.weight_load_cycles = weight_load_cycles(bytes, accelerator);
  result.weight_load_energy = energy.of(load, result.weight_load_cycles);
  result.cold_latency_ms = static_cast<double>(result.cycles + result.weight_load_cycles) /
                           (accelerator.clock_ghz * 1e6);
}

}  // namespace

SimulatorOptions totals_only(const std::string& technology) {
  SimulatorOptions options;
  options.technology = technology;
  options.per_layer = false;
  return options;
}

struct Simulator::Impl {
  explicit Impl(SimulatorOptions o) : options(std::move(o)) {
    for (int effort = 1; effort <= options.effort; ++effort) {
      planners.emplace_back(MapperOptions{effort, options.reuse});
    }
  }

  /// The fastest of the programs that the efforts lead to: the mapper's choices for one layer
  /// decide what the next one finds, so that a larger effort alone may lead to a slower network.
  std::optional<Infeasible> plan(const Network& network, const AcceleratorConfig& accelerator) {
    chosen = &planners[0];
    const auto cycles_of = [&](const Program& p) { return program_cycles(accelerator, p); };
    auto infeasible = planners[0].plan(network, accelerator, program, cycles_of);
    if (planners.size() == 1) return infeasible;
    constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
    std::int64_t fewest_cycles = infeasible ? kNever : cycles_of(program);
    Program other;
    for (std::size_t i = 1; i < planners.size(); ++i) {
      if (planners[i].plan(network, accelerator, other, cycles_of)) continue;
      const std::int64_t cycles = cycles_of(other);
      if (cycles >= fewest_cycles) continue;
      fewest_cycles = cycles;
      infeasible.reset();
      chosen = &planners[i];
      std::swap(program, other);
    }
    return infeasible;
  }
  static std::int64_t program_cycles(const AcceleratorConfig& accelerator, const Program& program) {
    CycleBreakdown total;
    for (const CycleBreakdown& layer : Accelerator::instance().run(accelerator, program)) {
      total += layer;
    }
    return total.total();
  }

  SimulatorOptions options;
  Technology technology;
  std::vector<Planner> planners;    // one for each effort up to that of the options
  const Planner* chosen = nullptr;  // whose program it is
  TraceRecorder trace;
  Program program;
};

Simulator::Simulator(SimulatorOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->technology = Technology::load(resolve_config("technology", impl_->options.technology));
}

Simulator::~Simulator() = default;

double Simulator::area_mm2(const AcceleratorConfig& accelerator) const {
  return area_of(accelerator, impl_->technology).total();
}

std::string Simulator::last_trace_json(const Network& network,
                                       const AcceleratorConfig& accelerator) const {
  if (impl_->trace.events().empty()) return "";
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) names.push_back(layer.name);
  return trace_json(impl_->trace.events(), names, accelerator.clock_ghz);
}

const Program& Simulator::last_program() const {
  return impl_->program;
}

const Planner& Simulator::last_planner() const {
  return *impl_->chosen;
}

const std::vector<TraceEvent>& Simulator::last_trace() const {
  return impl_->trace.events();
}

SimulationResult Simulator::run(const Network& network, const AcceleratorConfig& accelerator) {
  SimulationResult result = plan(network, accelerator);
  if (result.feasible()) execute(network, accelerator, nullptr, result);
  return result;
}

FunctionalResult Simulator::run_functional(const Network& network,
                                           const AcceleratorConfig& accelerator,
                                           const QuantizedNetwork& quantized,
                                           const QuantizedTensor& input) {
  FunctionalResult result{plan(network, accelerator), {}, {}};
  if (!result.timing.feasible()) return result;
  FunctionalModel data(network, quantized, accelerator, impl_->program, input);
  execute(network, accelerator, &data, result.timing);
  result.output = data.finish();
  result.counts = data.counts();
  return result;
}

/// Fills the program, or the reason why there is none.
SimulationResult Simulator::plan(const Network& network, const AcceleratorConfig& accelerator) {
  SimulationResult result;
  impl_->trace = {};
  result.macs = network.macs();
  result.area_components = area_of(accelerator, impl_->technology);
  result.area_mm2 = result.area_components.total();
  result.technology = impl_->technology.name;
  result.temperature_c = impl_->technology.temperature_c;
  const auto infeasible = impl_->plan(network, accelerator);
  if (infeasible) {
    result.reason = infeasible->reason;
    result.reason_text = infeasible->text;
  }
  return result;
}

/// Runs the program; without `data`, it is a timing run.
void Simulator::execute(const Network& network, const AcceleratorConfig& accelerator,
                        DataPath* data, SimulationResult& result) {
  const auto& breakdowns = Accelerator::instance().run(
      accelerator, impl_->program, impl_->options.trace ? &impl_->trace : nullptr, data);
  const EnergyModel energy(accelerator, impl_->technology);
  if (impl_->options.per_layer) result.layers.reserve(breakdowns.size());
  for (std::size_t i = 0; i < breakdowns.size(); ++i) {
    const LayerProgram& layer = impl_->program.layers[i];
    const std::int64_t weights = network.layers()[i].weight_bytes();
    (layer.weights_cached ? result.kept_weight_bytes : result.streamed_weight_bytes) += weights;
    result.breakdown += breakdowns[i];
    const MemoryUse memory = memory_use(layer, accelerator);
    if (i == 0) result.memory = memory;
    result.memory.local_memory_peak_bytes =
        std::max(result.memory.local_memory_peak_bytes, memory.local_memory_peak_bytes);
    result.memory.register_file_peak_bytes =
        std::max(result.memory.register_file_peak_bytes, memory.register_file_peak_bytes);
    result.activity += {layer.macs,
                        layer.vector_ops,
                        layer.register_file_bytes,
                        layer.local_memory_bytes,
                        layer.interconnect_bytes,
                        layer.io_bytes};
    if (impl_->options.per_layer) {
      result.layers.push_back(report(network.layers()[i], layer, breakdowns[i],
                                     Accelerator::instance().loaded_ahead()[i], accelerator));
      LayerResult& last = result.layers.back();
      last.energy = energy.of(last.activity, last.cycles);
    }
  }
  result.cycles = result.breakdown.total();
  result.latency_ms = static_cast<double>(result.cycles) / (accelerator.clock_ghz * 1e6);
  result.energy = energy.of(result.activity, result.cycles);
  add_cold_start(accelerator, energy, result);
}

}  // namespace dovetail
