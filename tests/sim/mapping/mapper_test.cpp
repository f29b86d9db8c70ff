#include "sim/mapping/mapper.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

TEST(Mapper, RandomLayersFitWhatTheyWereGiven) {
  Rng rng(7);
  Mapper mapper;
  int mapped = 0;
  for (int i = 0; i < 500; ++i) {
    const Network network = test::random_layer_network(rng);
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    const LayerGeometry layer = LayerGeometry::of(network, network.layers().back());
    LayerContext context;
    context.output_on_chip = rng.index(2) == 0;
    context.available_bytes =
        static_cast<std::int64_t>(accelerator.local_memory_bytes()) / (1 + rng.index(4));
    const auto result = mapper.map(layer, accelerator, context);
    if (const auto* infeasible = std::get_if<Infeasible>(&result)) {
      EXPECT_NE(infeasible->reason, InfeasibleReason::kNone);
      EXPECT_FALSE(infeasible->text.empty());
      continue;
    }
    ++mapped;
    const MappedLayer& m = *std::get<const MappedLayer*>(result);
    EXPECT_LE(m.schedule.needed_bytes(), context.available_bytes);
    EXPECT_GE(m.mapping.predicted_cycles,
              transfer_cycles(layer.macs, accelerator.peak_macs_per_cycle()));
    EXPECT_GE(m.mapping.predicted_cycles,
              transfer_cycles(m.schedule.io_bytes, accelerator.io_bytes_per_cycle()));
    std::int64_t macs = 0;
    for (const Tile& tile : m.schedule.tiles) macs += tile.macs;
    EXPECT_EQ(macs, layer.macs);
  }
  EXPECT_GT(mapped, 400);
}

TEST(Mapper, SameArgumentsSameMapping) {
  Rng rng(8);
  Mapper used, fresh;
  for (int i = 0; i < 50; ++i) {
    const Network network = test::random_layer_network(rng);
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    const LayerGeometry layer = LayerGeometry::of(network, network.layers()[0]);
    LayerContext context;
    context.available_bytes = static_cast<std::int64_t>(accelerator.local_memory_bytes());
    const auto a = used.map(layer, accelerator, context);
    const auto b = fresh.map(layer, accelerator, context);
    ASSERT_EQ(a.index(), b.index());
    if (a.index() == 0) {
      EXPECT_EQ(std::get<0>(a)->mapping.str(), std::get<0>(b)->mapping.str());
    }
  }
}

TEST(Mapper, WeightsThatDoNotFitLeaveNoUnitsIdle) {
  // 2.4 MB of weights, 4,608 bytes a channel, on one PE with 0.5 MiB: 256 units, a weight each a
  // cycle. Channels enough for all units do not fit, so the reduction is cut; and no register file
  // is too large.
  const Network network = test::conv_network({14, 14, 512}, 512, 3, 1);
  const LayerGeometry layer = LayerGeometry::of(network, network.layers()[0]);
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 1;
  accelerator.local_memory_mib = 0.5;
  LayerContext context;
  context.available_bytes = 512 * 1024;
  Mapper mapper;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  for (const double kib : {8, 16, 32, 64, 128}) {
    accelerator.register_file_kib = kib;
    const auto result = mapper.map(layer, accelerator, context);
    const MappedLayer& m = *std::get<const MappedLayer*>(result);
    EXPECT_GT(m.mapping.tiling.reduction_tiles, 1) << m.mapping.str();
    EXPECT_LE(m.mapping.predicted_cycles, before) << m.mapping.str();
    EXPECT_LE(static_cast<double>(m.mapping.predicted_cycles),
              1.02 * static_cast<double>(layer.macs) / 256);
    before = m.mapping.predicted_cycles;
  }
}

TEST(Mapper, PrefersWaysWhereOutputChannelsAreFew) {
  // 16 output channels keep 16 of 64 units busy one way; the other ways take input channels.
  const Network network = test::conv_network({56, 56, 96}, 16, 1, 1);
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  LayerContext context;
  context.inputs[0] = {true, {4, 4, 1}};
  context.available_bytes = 1 << 21;
  Mapper mapper;
  const auto result =
      mapper.map(LayerGeometry::of(network, network.layers()[0]), accelerator, context);
  const LaneSplit& lanes = std::get<0>(result)->mapping.lanes;
  EXPECT_EQ(lanes.unit_channels * lanes.unit_positions * lanes.ways, 64);
  EXPECT_LE(lanes.unit_channels, 16);
}

TEST(Mapper, SaysWhichMemoryIsTooSmall) {
  Mapper mapper;
  AcceleratorConfig accelerator;
  LayerContext context;
  const Network seven = test::conv_network({14, 14, 64}, 64, 7, 1, 64);
  const LayerGeometry layer = LayerGeometry::of(seven, seven.layers()[0]);
  context.available_bytes = 100;
  const auto local = mapper.map(layer, accelerator, context);
  EXPECT_EQ(std::get<Infeasible>(local).reason, InfeasibleReason::kLocalMemoryTooSmall);
  context.available_bytes = 1 << 20;
  accelerator.simd_units = 128;
  accelerator.register_file_kib = 8;
  const auto bank = mapper.map(layer, accelerator, context);
  EXPECT_EQ(std::get<Infeasible>(bank).reason, InfeasibleReason::kRegisterFileTooSmall);
}

}  // namespace
}  // namespace dovetail
