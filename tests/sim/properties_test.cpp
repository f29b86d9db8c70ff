// What must hold for every layer on every accelerator, on random ones.

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "sim/mapping/layer_mapper.h"
#include "sim/mapping/planner.h"
#include "sim/report.h"
#include "sim/simulator.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

constexpr int kCases = 2500;

/// A layer of any operator on a point of nahas_edge_streamed, often with little local memory.
struct RandomCase {
  Network network;
  AcceleratorConfig accelerator;

  explicit RandomCase(int seed) : RandomCase(Rng(77, static_cast<std::uint64_t>(seed))) {}

  std::string str() const {
    const Layer& layer = network.layers()[0];
    return fmt_case(layer) + accelerator.to_yaml();
  }

 private:
  explicit RandomCase(Rng rng)
      : network(test::random_single_layer(rng)), accelerator(test::random_accelerator(rng)) {
    if (rng.index(2) == 0) accelerator.local_memory_mib = 0.05 * (1 + rng.uniform());
    accelerator.weights = static_cast<WeightPolicy>(rng.index(3));
    if (rng.index(2) == 0) accelerator.broadcast_bytes_per_cycle = 8;
    accelerator.layer_launch_cycles = static_cast<int>(rng.index(3)) * 400;
  }
  static std::string fmt_case(const Layer& layer) {
    return to_string(layer.op) + " " + std::to_string(layer.input.height) + "x" +
           std::to_string(layer.input.width) + "x" + std::to_string(layer.input.channels) +
           " kernel " + std::to_string(layer.kernel_h) + "x" + std::to_string(layer.kernel_w) +
           " groups " + std::to_string(layer.groups) + " to " +
           std::to_string(layer.output.channels) + "\n";
  }
};

class Properties : public ::testing::Test {
 protected:
  Simulator simulator_;

  std::int64_t cycles_of(const RandomCase& c) {
    const SimulationResult result = simulator_.run(c.network, c.accelerator);
    return result.feasible() ? result.cycles : std::numeric_limits<std::int64_t>::max();
  }

  /// `change` makes some resource of the accelerator larger: never slower, never infeasible where
  /// it was feasible.
  void expect_never_slower(void (*change)(AcceleratorConfig&), double port_bytes = 128) {
    int faster = 0;
    for (int i = 0; i < kCases; ++i) {
      RandomCase c(i);
      c.accelerator.local_memory_bytes_per_pe_cycle = port_bytes;
      const std::int64_t before = cycles_of(c);
      change(c.accelerator);
      const std::int64_t after = cycles_of(c);
      EXPECT_LE(after, before) << i << ": " << c.str();
      faster += after < before;
    }
    EXPECT_GT(faster, 20) << "the change makes no difference: nothing is tested";
  }
};

TEST_F(Properties, MoreIoBandwidthIsNeverSlower) {
  expect_never_slower([](AcceleratorConfig& a) { a.io_bandwidth_gbps *= 1.5; });
}
TEST_F(Properties, AnEfficientMemoryIsNeverSlowerThanOneThatIsLess) {
  expect_never_slower([](AcceleratorConfig& a) {
    a.io_bandwidth_gbps *= 1.5;  // three quarters of it: more than before
    a.dram_efficiency = 0.75;
  });
}
// Transfers see the product only.
TEST_F(Properties, HalfTheEfficiencyIsHalfTheBandwidth) {
  for (int i = 0; i < kCases; ++i) {
    RandomCase c(i);
    c.accelerator.io_bandwidth_gbps /= 2;
    const std::int64_t narrow = cycles_of(c);
    c.accelerator.io_bandwidth_gbps *= 2;
    c.accelerator.dram_efficiency = 0.5;
    EXPECT_EQ(cycles_of(c), narrow) << i << ": " << c.str();
  }
}
TEST_F(Properties, MoreBroadcastBandwidthIsNeverSlower) {
  expect_never_slower([](AcceleratorConfig& a) { a.broadcast_bytes_per_cycle *= 2; });
}
TEST_F(Properties, MoreLinkBandwidthIsNeverSlower) {
  expect_never_slower([](AcceleratorConfig& a) { a.link_bytes_per_pe_cycle *= 2; });
}
TEST_F(Properties, MoreLocalMemoryBandwidthIsNeverSlower) {
  expect_never_slower([](AcceleratorConfig& a) { a.local_memory_bytes_per_pe_cycle *= 2; }, 16);
}
TEST_F(Properties, MoreLocalMemoryIsNeverSlower) {
  expect_never_slower([](AcceleratorConfig& a) { a.local_memory_mib *= 1.3; });
}

// A tile of 8x6 PEs is one of 6x8 turned on its side.
TEST_F(Properties, AMirroredTileIsTheSameChip) {
  for (const int effort : {1, 3}) {
    SimulatorOptions options;
    options.effort = effort;
    Simulator simulator(options);
    int mirrored = 0;
    for (int i = 0; i < kCases / effort; ++i) {
      RandomCase c(i);
      if (c.accelerator.pes_x == c.accelerator.pes_y) continue;
      const SimulationResult result = simulator.run(c.network, c.accelerator);
      std::swap(c.accelerator.pes_x, c.accelerator.pes_y);
      const SimulationResult turned = simulator.run(c.network, c.accelerator);
      EXPECT_EQ(result.reason, turned.reason) << i << ": " << c.str();
      EXPECT_EQ(result.cycles, turned.cycles) << i << ": " << c.str();
      EXPECT_EQ(result.energy.total(), turned.energy.total()) << i << ": " << c.str();
      EXPECT_EQ(result.area_mm2, turned.area_mm2) << i << ": " << c.str();
      ++mirrored;
    }
    EXPECT_GT(mirrored, 100);
  }
}

TEST_F(Properties, EachMacOnceAndEachByteConserved) {
  int feasible = 0;
  for (int i = 0; i < kCases; ++i) {
    const RandomCase c(i);
    Planner planner;
    Program program;
    if (planner.plan(c.network, c.accelerator, program)) continue;
    ++feasible;
    const LayerProgram& layer = program.layers[0];
    const LayerGeometry& geometry = planner.geometry(0);
    std::int64_t macs = 0, io = 0, interconnect = 0, weights = 0, outputs = 0;
    std::int64_t arriving = 0, stored = 0;
    for (const Tile& tile : program.tiles) macs += tile.macs;
    for (const Transfer& t : program.transfers) {
      io += t.io_bytes;
      interconnect += t.interconnect_bytes;
      if (t.kind != TransferKind::kOutput) {
        arriving += t.interconnect_bytes;
        stored += t.local_bytes * c.accelerator.pes();
      }
      if (t.kind == TransferKind::kWeights) weights += t.interconnect_bytes;
      if (t.kind == TransferKind::kOutput) outputs += t.io_bytes;
    }
    EXPECT_EQ(macs, c.network.macs()) << i;
    EXPECT_EQ(io, layer.io_bytes) << i;
    EXPECT_GE(stored, arriving) << i;                  // all PEs together store what was sent
    EXPECT_EQ(outputs, geometry.out_elements()) << i;  // each result leaves once
    const Tiling& tiling = layer.mapping.tiling;
    const bool again = tiling.bands_outer && tiling.channel_tiles * tiling.reduction_tiles > 1;
    if (layer.weights_cached && layer.mapping.pes.channels == c.accelerator.pes()) {
      EXPECT_EQ(weights, 0) << i;  // each PE has its own
    } else if (!geometry.weights_are_activations) {
      EXPECT_EQ(weights, geometry.weight_bytes * (again ? tiling.bands : 1)) << i;
    }
    EXPECT_EQ(interconnect,
              layer.interconnect_bytes -
                  (geometry.kind == WorkKind::kGlobalPool
                       ? geometry.out_c * 4 * (layer.mapping.pes.rows * layer.mapping.pes.cols - 1)
                       : 0))
        << i;
    // No buffer beyond its memory.
    EXPECT_LE(layer.local_memory_need,
              static_cast<std::int64_t>(c.accelerator.local_memory_bytes()));
    EXPECT_LE(layer.register_file_need,
              static_cast<std::int64_t>(c.accelerator.register_file_bytes()));
  }
  EXPECT_GT(feasible, 2000);
}

TEST_F(Properties, ComputeAndStallsAreAllThereIsAndNoBoundIsBroken) {
  int feasible = 0;
  for (int i = 0; i < kCases; ++i) {
    const RandomCase c(i);
    const SimulationResult result = simulator_.run(c.network, c.accelerator);
    if (!result.feasible()) continue;
    ++feasible;
    const LayerResult& layer = result.layers[0];
    EXPECT_EQ(layer.breakdown.total(), result.cycles) << i;
    EXPECT_GE(layer.cycles, layer.lower_bound_compute_cycles) << i;
    EXPECT_GE(layer.cycles, layer.lower_bound_io_cycles) << i;
    EXPECT_LE(result.memory.local_memory_peak_bytes, result.memory.local_memory_bytes) << i;
    EXPECT_LE(result.memory.register_file_peak_bytes, result.memory.register_file_bytes) << i;
    // Compulsory: the input once if anything reads it from outside, the output once.
    EXPECT_GE(layer.activity.io_bytes, c.network.layers()[0].output.elements()) << i;
  }
  EXPECT_GT(feasible, 2000);
}

TEST_F(Properties, TheModelTakesAsLongAsTheMapperPredicts) {
  for (int i = 0; i < kCases; ++i) {
    const RandomCase c(i);
    Planner planner;
    Program program;
    if (planner.plan(c.network, c.accelerator, program)) continue;
    EXPECT_EQ(simulator_.run(c.network, c.accelerator).cycles,
              program.layers[0].mapping.predicted_cycles + c.accelerator.layer_launch_cycles)
        << i << ": " << program.layers[0].mapping.str() << "\n"
        << c.str();
  }
}

TEST_F(Properties, ATransposedProblemOnATransposedTileTakesTheSameTime) {
  int differing = 0;
  for (int i = 0; i < kCases; ++i) {
    RandomCase c(i);
    const std::int64_t before = cycles_of(c);
    differing += c.network.input().height != c.network.input().width;
    c.network = test::transposed(c.network);
    std::swap(c.accelerator.pes_x, c.accelerator.pes_y);
    EXPECT_EQ(cycles_of(c), before) << i << ": " << c.str();
  }
  EXPECT_GT(differing, 1000);
}

TEST_F(Properties, SameInputSameBytes) {
  Simulator other;
  for (int i = 0; i < kCases; i += 10) {
    const RandomCase c(i);
    EXPECT_EQ(simulation_json(c.network, c.accelerator, simulator_.run(c.network, c.accelerator)),
              simulation_json(c.network, c.accelerator, other.run(c.network, c.accelerator)));
  }
}

TEST(MapperProperties, PruningDoesNotChangeTheChoice) {
  Mapper pruned(2), exhaustive(2, false);
  for (int i = 0; i < 300; ++i) {
    const RandomCase c(i);
    const LayerGeometry layer = LayerGeometry::of(c.network, c.network.layers()[0]);
    LayerContext context;
    context.output_on_chip = i % 2 == 0;
    if (i % 3 == 0) context.inputs[0] = {true, {c.accelerator.pes_y, c.accelerator.pes_x, 1}};
    context.available_bytes = static_cast<std::int64_t>(c.accelerator.local_memory_bytes());
    const auto a = pruned.map(layer, c.accelerator, context);
    const auto b = exhaustive.map(layer, c.accelerator, context);
    ASSERT_EQ(a.index(), b.index()) << i;
    if (a.index() != 0) continue;
    EXPECT_EQ(std::get<0>(a)->mapping.str(), std::get<0>(b)->mapping.str()) << i;
    EXPECT_EQ(std::get<0>(a)->mapping.predicted_cycles, std::get<0>(b)->mapping.predicted_cycles);
  }
}

TEST(MapperProperties, MoreEffortIsNeverSlower) {
  int faster = 0;
  for (int i = 0; i < 400; ++i) {
    const RandomCase c(i);
    const LayerGeometry layer = LayerGeometry::of(c.network, c.network.layers()[0]);
    LayerContext context;
    context.available_bytes = static_cast<std::int64_t>(c.accelerator.local_memory_bytes());
    Cycles before = std::numeric_limits<Cycles>::max();
    for (int effort = 1; effort <= kMostMapperEffort; ++effort) {
      Mapper mapper(effort);
      const auto result = mapper.map(layer, c.accelerator, context);
      if (result.index() != 0) continue;
      const Cycles cycles = std::get<0>(result)->mapping.predicted_cycles;
      EXPECT_LE(cycles, before) << i << " effort " << effort;
      faster += cycles < before && effort > 1;
      before = cycles;
    }
  }
  EXPECT_GT(faster, 20);
}

}  // namespace
}  // namespace dovetail
