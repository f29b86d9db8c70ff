#include "sim/mapping/schedule_builder.h"
#include "sim/mapping/predict_cycles.h"

#include <gtest/gtest.h>

#include "sim/timing/bandwidth_server.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

struct Case {
  LayerGeometry layer;
  AcceleratorConfig accelerator;
  LayerContext context;
  LayerMapping mapping;
};

Case dense_case(Tiling tiling) {
  const Network network = test::conv_network({28, 28, 40}, 240, 3, 1);
  Case c;
  c.layer = LayerGeometry::of(network, network.layers()[0]);
  c.context.available_bytes = 1 << 30;
  c.context.output_on_chip = false;
  c.mapping.pes = {4, 4, 1};
  c.mapping.lanes = {1, 4, 16, 1, 4};
  c.mapping.tiling = tiling;
  return c;
}

bool try_to_build(Case& c, LayerSchedule& schedule) {
  const PeOption pes = pe_option(c.layer, c.mapping.pes);
  const LaneOption lanes = *lane_option(c.layer, c.accelerator, c.mapping.lanes);
  return ScheduleBuilder(c.layer, c.accelerator, c.context, pes).build(lanes, c.mapping, schedule);
}

LayerSchedule build(Case& c) {
  LayerSchedule schedule;
  EXPECT_TRUE(try_to_build(c, schedule));
  return schedule;
}

std::int64_t io_bytes(const LayerSchedule& schedule, TransferKind kind) {
  std::int64_t bytes = 0;
  for (const Transfer& t : schedule.transfers) bytes += t.kind == kind ? t.io_bytes : 0;
  return bytes;
}

TEST(ScheduleBuilder, EachMacIsInOneTile) {
  for (const Tiling tiling : {Tiling{1, 1, false}, Tiling{3, 4, false}, Tiling{5, 7, true},
                              Tiling{3, 4, false, false, 5}}) {
    Case c = dense_case(tiling);
    std::int64_t macs = 0;
    for (const Tile& tile : build(c).tiles) macs += tile.macs;
    EXPECT_EQ(macs, c.layer.macs);
  }
}

TEST(ScheduleBuilder, BytesAreTensorsTimesPasses) {
  const std::int64_t input = 28 * 28 * 40, output = 28 * 28 * 240;
  {  // rows in the outer loop: inputs once, weights once a band of rows
    Case c = dense_case({4, 5, true});
    const LayerSchedule s = build(c);
    EXPECT_EQ(io_bytes(s, TransferKind::kInput), input);
    EXPECT_EQ(io_bytes(s, TransferKind::kWeights), c.layer.weight_bytes * c.mapping.tiling.bands);
    EXPECT_EQ(io_bytes(s, TransferKind::kOutput), output);
  }
  {  // channels in the outer loop: weights once, inputs once a channel tile
    Case c = dense_case({4, 5, false});
    const LayerSchedule s = build(c);
    EXPECT_EQ(io_bytes(s, TransferKind::kInput), input * c.mapping.tiling.channel_tiles);
    EXPECT_EQ(io_bytes(s, TransferKind::kWeights), c.layer.weight_bytes);
    EXPECT_EQ(io_bytes(s, TransferKind::kOutput), output);
  }
}

TEST(ScheduleBuilder, ACutReductionBringsWeightsByThePart) {
  // 40 input channels in parts of 12, 12, 12 and 4: weights once a band, inputs and outputs once.
  Case c = dense_case({2, 3, false, false, 4});
  const LayerSchedule s = build(c);
  const Tiling& tiling = c.mapping.tiling;
  EXPECT_TRUE(tiling.bands_outer);
  ASSERT_EQ(tiling.reduction_tiles, 4);
  ASSERT_EQ(static_cast<int>(s.tiles.size()), 2 * 3 * 4);
  EXPECT_EQ(io_bytes(s, TransferKind::kInput), 28 * 28 * 40);
  EXPECT_EQ(io_bytes(s, TransferKind::kWeights), 2 * c.layer.weight_bytes);
  EXPECT_EQ(io_bytes(s, TransferKind::kOutput), 28 * 28 * 240);
  for (std::size_t t = 0; t < s.tiles.size(); ++t) {
    EXPECT_EQ(s.tiles[t].first_input, static_cast<int>(t % 4) * 12);
    EXPECT_EQ(s.tiles[t].inputs, t % 4 == 3 ? 4 : 12);
    EXPECT_EQ(s.tiles[t].vector_cycles, 0);
  }
  for (const Transfer& t : s.transfers) {
    if (t.kind == TransferKind::kOutput) {
      EXPECT_EQ(t.tile % 4, 3);
    }
  }
  Case whole = dense_case({2, 3, true});
  EXPECT_EQ(s.weight_tile_bytes, ceil_div(build(whole).weight_tile_bytes * 12, 40));
}

TEST(ScheduleBuilder, InPlaceInputMovesOnlyHalos) {
  Case c = dense_case({1, 1, false});
  c.context.inputs[0] = {true, {4, 4, 1}};
  c.context.output_on_chip = true;
  const LayerSchedule s = build(c);
  EXPECT_EQ(s.io_bytes, c.layer.weight_bytes);
  // Two rows (kernel 3, stride 1) at each of three seams, two columns likewise.
  EXPECT_EQ(s.interconnect_bytes - c.layer.weight_bytes, 3 * 2 * 28 * 40 + 3 * 2 * 28 * 40);
}

TEST(ScheduleBuilder, AnotherLayoutMovesTheWholeInput) {
  Case c = dense_case({1, 1, false});
  c.context.inputs[0] = {true, {16, 1, 1}};
  c.context.output_on_chip = true;
  EXPECT_EQ(build(c).interconnect_bytes - c.layer.weight_bytes, 28 * 28 * 40);
}

TEST(ScheduleBuilder, BuffersAreDoubleWhereThereAreSeveralTiles) {
  Case one = dense_case({1, 1, false}), many = dense_case({1, 5, false});
  one.context.inputs[0] = many.context.inputs[0] = {true, {4, 4, 1}};
  one.context.output_on_chip = many.context.output_on_chip = true;
  const LayerSchedule whole = build(one), cut = build(many);
  EXPECT_EQ(whole.weight_tile_bytes, one.layer.weight_bytes);
  EXPECT_EQ(cut.weight_tile_bytes, one.layer.weight_bytes / 5);
  EXPECT_EQ(whole.buffer_bytes - cut.buffer_bytes,
            one.layer.weight_bytes - 2 * (one.layer.weight_bytes / 5));
}

TEST(ScheduleBuilder, StopsAtTheSizesIfItDoesNotFit) {
  Case c = dense_case({1, 1, false});
  c.context.available_bytes = 1000;
  LayerSchedule schedule;
  EXPECT_FALSE(try_to_build(c, schedule));
  EXPECT_GT(schedule.needed_bytes(), 1000);
  EXPECT_TRUE(schedule.tiles.empty());
}

TEST(ScheduleBuilder, LoadsWaitForTheirBufferOnly) {
  Case c = dense_case({2, 5, true});
  for (const Transfer& t : build(c).transfers) {
    EXPECT_EQ(t.after_tile, t.kind == TransferKind::kOutput ? t.tile : t.tile - 2);
  }
}

TEST(PredictCycles, OneTileIsLoadThenCompute) {
  Case c = dense_case({1, 1, false});
  c.context.inputs[0] = {true, {4, 4, 1}};
  c.context.output_on_chip = true;
  const LayerSchedule s = build(c);
  const auto load = static_cast<Cycles>(c.accelerator.io_latency_cycles) +
                    transfer_cycles(c.layer.weight_bytes, c.accelerator.io_bytes_per_cycle());
  EXPECT_EQ(predict_cycles(s, c.accelerator),
            load + c.accelerator.tile_issue_cycles + s.tiles[0].compute_cycles);
}

}  // namespace
}  // namespace dovetail
