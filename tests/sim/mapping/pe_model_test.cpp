#include "sim/mapping/pe_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

LayerGeometry conv(TensorShape input, int channels, int kernel, int groups = 1) {
  const Network network = test::conv_network(input, channels, kernel, 1, groups);
  return LayerGeometry::of(network, network.layers()[0]);
}

std::int64_t cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                    const LaneSplit& split, const PeTile& tile) {
  return pe_tile_cost(layer, accelerator, *lane_option(layer, accelerator, split), tile).cycles;
}

TEST(PeModel, PointwiseClosedForm) {
  // 64 channels on 64 units, 4 positions, one lane: a block a position, 96 steps and a drain each.
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  accelerator.drain_cycles = 4;
  const LayerGeometry layer = conv({14, 14, 96}, 64, 1);
  EXPECT_EQ(cycles(layer, accelerator, {1, 1, 64, 1, 1}, {2, 2, 64}), 4 * (96 + 4));
  // Two ways on half of the units feed from the same number of weight bytes: twice the channel
  // blocks, half the steps.
  EXPECT_EQ(cycles(layer, accelerator, {1, 1, 32, 1, 2}, {2, 2, 64}), 4 * 2 * (48 + 4));
}

TEST(PeModel, WeightRateLimitsASteps) {
  // All units and four ways want 256 weight bytes a cycle where 64 can be read: four cycles a step.
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  accelerator.drain_cycles = 4;
  const LayerGeometry layer = conv({14, 14, 96}, 64, 1);
  EXPECT_EQ(cycles(layer, accelerator, {1, 1, 64, 1, 4}, {1, 1, 64}), 24 * 4 + 4);
  accelerator.register_file_bytes_per_unit_cycle = 4;
  EXPECT_EQ(cycles(layer, accelerator, {1, 1, 64, 1, 4}, {1, 1, 64}), 24 + 4);
}

TEST(PeModel, DepthwiseStepsWaitForTheirOwnOperands) {
  // 64 units want 64 activations a step; at 32 bytes a cycle each tap takes two cycles.
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  accelerator.drain_cycles = 4;
  accelerator.activation_bytes_per_lane_cycle = 32;
  const LayerGeometry layer = conv({14, 14, 64}, 64, 3, 64);
  ASSERT_EQ(layer.kind, WorkKind::kDepthwise);
  EXPECT_EQ(cycles(layer, accelerator, {1, 1, 64, 1, 1}, {1, 10, 64}), 10 * (9 * 2 + 4));
}

TEST(PeModel, TableActivationsCostCyclesPerElement) {
  AcceleratorConfig accelerator;
  LayerGeometry layer = conv({14, 14, 96}, 64, 1);
  accelerator.vector_elements_per_lane_cycle = 0.5;  // 2 a PE
  const LaneSplit split{1, 4, 64, 1, 1};
  const auto cost = [&] {
    return pe_tile_cost(layer, accelerator, *lane_option(layer, accelerator, split), {4, 4, 64});
  };
  const std::int64_t plain = cost().cycles;
  EXPECT_EQ(cost().vector_cycles, 0);
  layer.table_activation = true;
  EXPECT_EQ(cost().cycles, plain);
  EXPECT_EQ(cost().vector_cycles, 4 * 4 * 64 / 2);
}

// Each lane brings a vector unit of its own, and a PE's elements are shared among them.
TEST(PeModel, VectorUnitsAreOfTheLanes) {
  LayerGeometry layer = conv({14, 14, 96}, 64, 1);
  layer.table_activation = true;
  AcceleratorConfig accelerator;
  for (const int lanes : {1, 2, 4, 8}) {
    for (const double rate : {0.25, 0.5, 3.0}) {
      accelerator.compute_lanes = lanes;
      accelerator.vector_elements_per_lane_cycle = rate;
      const LaneSplit split{lanes, 1, 64, 1, 1};
      const PeTileCost cost =
          pe_tile_cost(layer, accelerator, *lane_option(layer, accelerator, split), {5, 5, 61});
      EXPECT_EQ(cost.vector_cycles, std::ceil(5 * 5 * 61 / (lanes * rate))) << lanes << " " << rate;
    }
  }
}

TEST(PeModel, MoreLanesAreNeverSlower) {
  Rng rng(1);
  for (int i = 0; i < 500; ++i) {
    const LayerGeometry layer = conv({14, 14, 1 + static_cast<int>(rng.index(200))},
                                     1 + static_cast<int>(rng.index(200)), 3);
    AcceleratorConfig one, two;
    one.compute_lanes = 1;
    two.compute_lanes = 2;
    const PeTile tile{1 + static_cast<std::int64_t>(rng.index(14)), 3, layer.out_c};
    EXPECT_LE(cycles(layer, two, {1, 2, 16, 1, 4}, tile),
              cycles(layer, one, {1, 1, 16, 1, 4}, tile));
  }
}

TEST(PeModel, BankMustHoldRowsOfWeightsAndAccumulators) {
  AcceleratorConfig accelerator;
  accelerator.simd_units = 128;
  accelerator.register_file_kib = 8;  // 64 bytes a unit
  const LayerGeometry layer = conv({14, 14, 64}, 64, 5, 64);
  EXPECT_EQ(minimum_bank_bytes(layer, accelerator), 2 * 4 + 16 * 4);
  EXPECT_FALSE(divide_bank(layer, accelerator));
  accelerator.register_file_kib = 9;  // 72
  ASSERT_TRUE(divide_bank(layer, accelerator));
  EXPECT_EQ(divide_bank(layer, accelerator)->weight_bytes, 4);
  EXPECT_EQ(divide_bank(layer, accelerator)->accumulator_positions, 16);
  accelerator.register_file_kib = 16;  // 128: two windows of 25 and 64 bytes of sums
  EXPECT_EQ(divide_bank(layer, accelerator)->weight_bytes, 25);
  EXPECT_EQ(divide_bank(layer, accelerator)->accumulator_positions, (128 - 50) / 4);
}

TEST(PeModel, WeightsThatDoNotFitComeAgainForEachGroupOfSums) {
  // 512 weights a channel where two buffers of 32 and 16 sums fit: 49 positions in four groups.
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  accelerator.register_file_kib = 8;
  const LayerGeometry layer = conv({7, 7, 512}, 64, 1);
  const LaneOption lanes = *lane_option(layer, accelerator, {1, 1, 64, 1, 1});
  ASSERT_EQ(lanes.bank.weight_bytes, 32);
  ASSERT_EQ(lanes.bank.accumulator_positions, 16);
  const PeTileCost cost = pe_tile_cost(layer, accelerator, lanes, {7, 7, 64});
  EXPECT_EQ(cost.local_memory_bytes, 4 * 64 * 512 + 49 * 512 + 49 * 64);
  EXPECT_EQ(cost.swap_cycles, 0);
  EXPECT_EQ(cost.waiting_sum_bytes, 0);
}

TEST(PeModel, PartsOfAReductionAddUp) {
  // 96 input channels in parts of 40, 40 and 16: the same steps, one drain; sums that fit the bank
  // stay, others are put away twice and fetched twice, 4 bytes at a byte a cycle.
  AcceleratorConfig accelerator;
  accelerator.compute_lanes = 1;
  const LayerGeometry layer = conv({14, 14, 96}, 64, 3);
  const LaneOption lanes = *lane_option(layer, accelerator, {1, 1, 64, 1, 4});
  for (const PeTile tile : {PeTile{2, 7, 64}, PeTile{14, 14, 64}}) {
    const PeTileCost whole = pe_tile_cost(layer, accelerator, lanes, tile);
    std::int64_t cycles = 0, swaps = 0;
    for (const ReductionPart part :
         {ReductionPart{40, true, false}, ReductionPart{40, false, false}, {16, false, true}}) {
      const PeTileCost cost = pe_tile_cost(layer, accelerator, lanes, tile, part);
      cycles += cost.cycles;
      swaps += cost.swap_cycles;
    }
    EXPECT_EQ(sums_stay(lanes, tile), tile.rows == 2);
    EXPECT_EQ(swaps, sums_stay(lanes, tile) ? 0 : tile.positions() * 4 * 4);
    EXPECT_EQ(cycles - swaps, whole.cycles - whole.swap_cycles);
  }
}

TEST(PeModel, SmallBanksFetchWeightsAgain) {
  AcceleratorConfig large, small;
  large.register_file_kib = 128;
  small.register_file_kib = 8;
  const LayerGeometry layer = conv({14, 14, 512}, 64, 1);
  const LaneSplit split{1, 4, 64, 1, 1};
  const PeTile tile{14, 14, 64};
  const auto bytes = [&](const AcceleratorConfig& a) {
    return pe_tile_cost(layer, a, *lane_option(layer, a, split), tile).local_memory_bytes;
  };
  EXPECT_GT(bytes(small), bytes(large));
}

TEST(PeModel, RegisterFileReadsAWeightPerMac) {
  AcceleratorConfig accelerator;
  const LayerGeometry layer = conv({8, 8, 32}, 64, 1);
  const LaneSplit split{1, 4, 64, 1, 1};
  const PeTileCost cost =
      pe_tile_cost(layer, accelerator, *lane_option(layer, accelerator, split), {8, 8, 64});
  EXPECT_EQ(cost.register_file_bytes, layer.macs + 64 * 32 + 2 * 4 * 8 * 8 * 64);
}

}  // namespace
}  // namespace dovetail
