// Where the time of a simulation goes: mapping one layer, planning a network, the event-driven
// model. The ratio of each to the whole simulation of MobileNetV2 stands in the counters.

#include <benchmark/benchmark.h>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "sim/mapping/planner.h"
#include "sim/simulator.h"
#include "sim/tlm/accelerator.h"

namespace dovetail {
namespace {

const char* const kNetworks[] = {"mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0",
                                 "resnet_50"};

AcceleratorConfig baseline() {
  return AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
}

/// The same under another name, of which the mapper knows nothing from the iteration before.
void rename(AcceleratorConfig& accelerator) {
  accelerator.name = accelerator.name == "a" ? "b" : "a";
}

void name_network(benchmark::State& state) {
  state.SetLabel(kNetworks[state.range(0)]);
}

/// One layer alone, everything else in place: 0 pointwise, 1 depthwise, 2 dense 3x3.
void map_layer(benchmark::State& state) {
  const char* const layers[] = {"blocks.3.expand", "blocks.3.dw", "stem"};
  const Network network = find_network("mobilenet_v2");
  const AcceleratorConfig accelerator = baseline();
  LayerGeometry geometry;
  for (const Layer& layer : network.layers()) {
    if (layer.name == layers[state.range(0)]) geometry = LayerGeometry::of(network, layer);
  }
  LayerContext context;
  context.available_bytes = static_cast<std::int64_t>(accelerator.local_memory_bytes());
  Mapper mapper(static_cast<int>(state.range(1)));
  for (auto _ : state) benchmark::DoNotOptimize(mapper.map(geometry, accelerator, context));
  state.SetLabel(layers[state.range(0)]);
}
BENCHMARK(map_layer)->ArgNames({"layer", "effort"})->ArgsProduct({{0, 1, 2}, {1, 2, 3}});

void plan_network(benchmark::State& state) {
  const Network network = find_network(kNetworks[state.range(0)]);
  AcceleratorConfig accelerator = baseline();
  Planner planner({1, state.range(1) != 0});
  Program program;
  for (auto _ : state) {
    rename(accelerator);
    benchmark::DoNotOptimize(planner.plan(network, accelerator, program));
  }
  name_network(state);
}
BENCHMARK(plan_network)->ArgNames({"network", "reuse"})->ArgsProduct({{0, 1, 2, 3}, {1, 0}});

/// The SystemC model alone; tiles are what it executes.
void run_program(benchmark::State& state) {
  const Network network = find_network(kNetworks[state.range(0)]);
  const AcceleratorConfig accelerator = baseline();
  Planner planner;
  Program program;
  planner.plan(network, accelerator, program);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Accelerator::instance().run(accelerator, program));
  }
  state.counters["tiles"] = static_cast<double>(program.tiles.size());
  state.counters["transfers"] = static_cast<double>(program.transfers.size());
  name_network(state);
}
BENCHMARK(run_program)->ArgName("network")->DenseRange(0, 3);

void simulate(benchmark::State& state) {
  const Network network = find_network(kNetworks[state.range(0)]);
  AcceleratorConfig accelerator = baseline();
  SimulatorOptions options;
  options.per_layer = false;
  Simulator simulator(options);
  for (auto _ : state) {
    if (state.range(1) == 0) rename(accelerator);
    benchmark::DoNotOptimize(simulator.run(network, accelerator).cycles);
  }
  name_network(state);
}
BENCHMARK(simulate)->ArgNames({"network", "again"})->ArgsProduct({{0, 1, 2, 3}, {0, 1}});

}  // namespace
}  // namespace dovetail

BENCHMARK_MAIN();
