#include "sim/simulator.h"

#include "base/paths.h"
#include "sim/bandwidth_server.h"
#include "sim/cost/area_model.h"
#include "sim/functional/functional_model.h"
#include "sim/mapping/planner.h"
#include "sim/tlm/accelerator.h"
#include "sim/trace.h"

namespace dovetail {
namespace {

LayerResult report(const Layer& layer, const LayerProgram& program, const CycleBreakdown& breakdown,
                   const AcceleratorConfig& accelerator) {
  LayerResult result;
  result.name = layer.name;
  result.op = to_string(layer.op);
  if (layer.is_depthwise()) result.op = "depthwise_" + result.op;
  result.mapping = program.mapping.str();
  result.cycles = breakdown.total();
  result.breakdown = breakdown;
  result.lower_bound_compute_cycles =
      transfer_cycles(program.macs, accelerator.peak_macs_per_cycle());
  result.lower_bound_io_cycles = transfer_cycles(program.io_bytes - program.prefetched_bytes,
                                                 accelerator.io_bytes_per_cycle());
  result.utilization = static_cast<double>(program.macs) /
                       (accelerator.peak_macs_per_cycle() * static_cast<double>(result.cycles));
  result.prefetched_bytes = program.prefetched_bytes;
  result.activity = {program.macs,
                     program.vector_ops,
                     program.register_file_bytes,
                     program.local_memory_bytes,
                     program.interconnect_bytes,
                     program.io_bytes};
  return result;
}

}  // namespace

struct Simulator::Impl {
  SimulatorOptions options;
  Technology technology;
  Planner planner;
  TraceRecorder trace;
  Program program;
};

Simulator::Simulator(SimulatorOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
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
  result.area_mm2 = area_mm2(accelerator);
  const auto infeasible = impl_->planner.plan(network, accelerator, impl_->program);
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
  if (impl_->options.per_layer) result.layers.reserve(breakdowns.size());
  for (std::size_t i = 0; i < breakdowns.size(); ++i) {
    const LayerProgram& layer = impl_->program.layers[i];
    result.breakdown += breakdowns[i];
    result.activity += {layer.macs,
                        layer.vector_ops,
                        layer.register_file_bytes,
                        layer.local_memory_bytes,
                        layer.interconnect_bytes,
                        layer.io_bytes};
    if (impl_->options.per_layer) {
      result.layers.push_back(report(network.layers()[i], layer, breakdowns[i], accelerator));
    }
  }
  result.weights_cached = impl_->program.weights_cached;
  result.cycles = result.breakdown.total();
  result.latency_ms = static_cast<double>(result.cycles) / (accelerator.clock_ghz * 1e6);
}

}  // namespace dovetail
