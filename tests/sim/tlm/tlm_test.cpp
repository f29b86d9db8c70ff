// The SystemC model on programs made by hand: when things happen, to the cycle.

#include <gtest/gtest.h>

#include "sim/tlm/accelerator.h"
#include "sim/tlm/doorbell.h"

namespace dovetail {
namespace {

/// 10 bytes a cycle through the IO port after 5 cycles, 100 a cycle by broadcast, over links and
/// into local memory, 1 cycle a transfer, 50 cycles of launch.
AcceleratorConfig simple_chip() {
  AcceleratorConfig chip;
  chip.clock_ghz = 1;
  chip.io_bandwidth_gbps = 10;
  chip.io_latency_cycles = 5;
  chip.broadcast_bytes_per_cycle = chip.link_bytes_per_pe_cycle = 100;
  chip.interconnect_hop_cycles = 1;
  chip.compute_lanes = 1;
  chip.local_memory_bytes_per_pe_cycle = 100;
  chip.layer_launch_cycles = 50;
  chip.tile_issue_cycles = 0;
  return chip;
}

Transfer load(TransferKind kind, int tile, std::int64_t io_bytes, std::int64_t moved) {
  Transfer t;
  t.kind = kind;
  t.tile = tile;
  t.after_tile = tile - 2;
  t.io_bytes = io_bytes;
  t.interconnect_bytes = moved;
  t.local_bytes = moved;
  return t;
}

Transfer store(int tile, std::int64_t bytes) {
  Transfer t = load(TransferKind::kOutput, tile, bytes, bytes);
  t.after_tile = tile;
  return t;
}

Tile tile(int loads, std::int64_t cycles, std::int64_t local_memory_bytes = 0,
          std::int64_t reduction_bytes = 0) {
  Tile t;
  t.loads = loads;
  t.compute_cycles = cycles;
  t.local_memory_bytes = local_memory_bytes;
  t.reduction_bytes = reduction_bytes;
  return t;
}

class ProgramBuilder {
 public:
  ProgramBuilder& layer(std::vector<Transfer> transfers, std::vector<Tile> tiles) {
    LayerProgram layer;
    layer.first_tile = static_cast<std::int32_t>(program_.tiles.size());
    layer.tiles = static_cast<std::int32_t>(tiles.size());
    layer.first_transfer = static_cast<std::int32_t>(program_.transfers.size());
    layer.transfers = static_cast<std::int32_t>(transfers.size());
    program_.tiles.insert(program_.tiles.end(), tiles.begin(), tiles.end());
    program_.transfers.insert(program_.transfers.end(), transfers.begin(), transfers.end());
    program_.layers.push_back(layer);
    return *this;
  }
  /// Weights of the layer added last, to be brought ahead once `room` is reached.
  ProgramBuilder& weights_ahead(int tile, std::int64_t bytes, ProgramPoint room) {
    LayerProgram& layer = program_.layers.back();
    if (layer.weight_loads++ == 0) {
      layer.first_weight_load = static_cast<std::int32_t>(program_.weight_loads.size());
    }
    const auto index = static_cast<std::int32_t>(program_.layers.size()) - 1;
    program_.weight_loads.push_back(
        {index, load(TransferKind::kWeights, tile, bytes, bytes), room});
    ++program_.tiles[static_cast<std::size_t>(layer.first_tile + tile)].weight_loads;
    return *this;
  }
  std::vector<CycleBreakdown> run(const AcceleratorConfig& chip = simple_chip()) {
    return Accelerator::instance().run(chip, program_);
  }

 private:
  Program program_;
};

TEST(Tlm, LaunchAndComputeOnly) {
  const auto layers = ProgramBuilder().layer({}, {tile(0, 30)}).run();
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(layers[0].stall_launch, 50);
  EXPECT_EQ(layers[0].compute, 30);
  EXPECT_EQ(layers[0].total(), 80);
}

TEST(Tlm, ALoadTakesLatencyThenBandwidth) {
  // 5 cycles to the first byte, 1000 bytes at 10 a cycle; the interconnect passes them on
  // meanwhile.
  const auto layers =
      ProgramBuilder().layer({load(TransferKind::kInput, 0, 1000, 1000)}, {tile(1, 30)}).run();
  EXPECT_EQ(layers[0].stall_io, 105);
  EXPECT_EQ(layers[0].stall_interconnect, 0);
  EXPECT_EQ(layers[0].total(), 50 + 105 + 30);
}

TEST(Tlm, WaitsAreBookedOnWhatIsWaitedFor) {
  const auto weights =
      ProgramBuilder().layer({load(TransferKind::kWeights, 0, 1000, 1000)}, {tile(1, 1)}).run();
  EXPECT_EQ(weights[0].stall_weights, 105);
  const auto exchange =
      ProgramBuilder().layer({load(TransferKind::kExchange, 0, 0, 1000)}, {tile(1, 1)}).run();
  EXPECT_EQ(exchange[0].stall_interconnect, 11);
  EXPECT_EQ(exchange[0].stall_io + exchange[0].stall_weights, 0);
}

TEST(Tlm, ComputeBoundTilesHideTheirLoads) {
  // The second load (100 cycles) runs under the first tile's 500.
  const auto layers = ProgramBuilder()
                          .layer({load(TransferKind::kWeights, 0, 1000, 1000),
                                  load(TransferKind::kWeights, 1, 1000, 1000)},
                                 {tile(1, 500), tile(1, 500)})
                          .run();
  EXPECT_EQ(layers[0].compute, 1000);
  EXPECT_EQ(layers[0].stall_weights, 105);
}

TEST(Tlm, LoadBoundTilesWaitForEachLoad) {
  // Latency shows once: the second transfer is in flight behind the first.
  const auto layers = ProgramBuilder()
                          .layer({load(TransferKind::kWeights, 0, 1000, 1000),
                                  load(TransferKind::kWeights, 1, 1000, 1000)},
                                 {tile(1, 10), tile(1, 10)})
                          .run();
  // First done at 105, computes to 115; the second's bytes pass from 105 to 205.
  EXPECT_EQ(layers[0].total(), 50 + 205 + 10);
}

TEST(Tlm, TheThirdTileWaitsForABuffer) {
  std::vector<Transfer> loads;
  for (int i = 0; i < 3; ++i) loads.push_back(load(TransferKind::kInput, i, 1000, 1000));
  const auto layers =
      ProgramBuilder().layer(loads, {tile(1, 300), tile(1, 300), tile(1, 300)}).run();
  // The third load may start when the first tile is done, at 405; it is there at 510, long before
  // the second tile ends.
  EXPECT_EQ(layers[0].total(), 50 + 105 + 900);
}

TEST(Tlm, ResultsLeaveBeforeTheLayerEnds) {
  const auto layers = ProgramBuilder().layer({store(0, 1000)}, {tile(0, 30)}).run();
  EXPECT_EQ(layers[0].total(), 50 + 30 + 105);
  EXPECT_EQ(layers[0].stall_io, 105);
}

TEST(Tlm, LanesWaitForTheLocalMemoryPort) {
  // 5000 bytes at 100 a cycle take 50 cycles, computing takes 30.
  const auto layers = ProgramBuilder().layer({}, {tile(0, 30, 5000)}).run();
  EXPECT_EQ(layers[0].compute, 30);
  EXPECT_EQ(layers[0].stall_local_memory, 20);
}

TEST(Tlm, ArrivingDataDoesNotDisturbTheLanes) {
  // Halves of the double buffers have ports of their own: 2000 bytes arrive while tile 0 reads.
  const auto layers = ProgramBuilder()
                          .layer({load(TransferKind::kExchange, 1, 0, 2000)},
                                 {tile(0, 10, 5000), tile(1, 10, 1000)})
                          .run();
  EXPECT_EQ(layers[0].stall_local_memory, 50 - 10);
}

TEST(Tlm, EachTileIsIssued) {
  AcceleratorConfig chip = simple_chip();
  chip.tile_issue_cycles = 7;
  const auto layers = ProgramBuilder().layer({}, {tile(0, 30), tile(0, 20)}).run(chip);
  EXPECT_EQ(layers[0].total(), 50 + 7 + 30 + 7 + 20);
  EXPECT_EQ(layers[0].stall_launch, 50 + 2 * 7);
}

TEST(Tlm, TheVectorUnitFollowsTheLanes) {
  Tile work = tile(0, 30, 7000);
  work.vector_cycles = 25;
  const auto layers = ProgramBuilder().layer({}, {work}).run();
  EXPECT_EQ(layers[0].compute, 30);
  EXPECT_EQ(layers[0].vector, 25);
  EXPECT_EQ(layers[0].stall_local_memory, 70 - 55);  // operands of both come through one port
}

TEST(Tlm, PartialSumsQueueBehindTheDmaOnTheInterconnect) {
  // 10,000 bytes from other PEs for the second tile hold the links until 50 + 100; the sums of
  // the first tile, ready at 50 + 30, follow it: 10 cycles and a hop.
  const auto layers =
      ProgramBuilder()
          .layer({load(TransferKind::kExchange, 1, 0, 10000)}, {tile(0, 30, 0, 1000), tile(1, 1)})
          .run();
  EXPECT_EQ(layers[0].stall_interconnect, (100 - 30) + 10 + 1);
}

TEST(Tlm, APrefetchRunsUnderTheLayerBefore) {
  Transfer prefetch = load(TransferKind::kWeights, 0, 1000, 1000);
  prefetch.prefetch = true;
  Transfer arrived = load(TransferKind::kWeights, 0, 0, 0);
  const auto layers =
      ProgramBuilder().layer({prefetch}, {tile(0, 500)}).layer({arrived}, {tile(1, 10)}).run();
  EXPECT_EQ(layers[0].total(), 550);  // the layer does not wait for what it prefetches
  EXPECT_EQ(layers[1].total(), 60);
}

TEST(Tlm, ALatePrefetchIsWaitedForAsWeights) {
  Transfer prefetch = load(TransferKind::kWeights, 0, 5000, 5000);
  prefetch.prefetch = true;
  Transfer arrived = load(TransferKind::kWeights, 0, 0, 0);
  const auto layers =
      ProgramBuilder().layer({prefetch}, {tile(0, 10)}).layer({arrived}, {tile(1, 10)}).run();
  // Prefetch from 50 to 50 + 5 + 500; the second layer is launched at 60 + 50.
  EXPECT_EQ(layers[1].stall_weights, 555 - 110);
  EXPECT_EQ(layers[1].stall_interconnect, 0);
}

TEST(Tlm, WeightsRunAheadOverSeveralLayers) {
  ProgramBuilder program;
  program.layer({}, {tile(0, 500)}).layer({}, {tile(0, 500)}).layer({}, {tile(0, 10)});
  program.weights_ahead(0, 8000, {0, -1});
  // From 50 to 50 + 5 + 800; the third layer is launched at 550 + 550 + 50.
  const auto layers = program.run();
  EXPECT_EQ(layers[0].total(), 550);
  EXPECT_EQ(layers[1].total(), 550);
  EXPECT_EQ(layers[2].total(), 60);
  EXPECT_EQ(Accelerator::instance().loaded_ahead(), (std::vector<std::int64_t>{0, 0, 8000}));
}

TEST(Tlm, WeightsAheadWaitForRoom) {
  ProgramBuilder program;
  program.layer({}, {tile(0, 100), tile(0, 400)}).layer({}, {tile(0, 10)});
  program.weights_ahead(0, 8000, {0, 0});
  // There is room once the first tile is computed, at 150: they are there at 955. The layer is
  // launched at 550 + 50 and waits.
  const auto layers = program.run();
  EXPECT_EQ(layers[1].stall_weights, 955 - 600);
  EXPECT_EQ(layers[1].total(), 50 + 355 + 10);
}

TEST(Tlm, WhatALayerItselfNeedsGoesBeforeWeightsAhead) {
  // Both could start at 50; the input's bytes pass first, the weights' behind them.
  ProgramBuilder program;
  program.layer({load(TransferKind::kInput, 0, 1000, 1000)}, {tile(1, 10)});
  program.layer({}, {tile(0, 10)}).weights_ahead(0, 1000, {0, -1});
  const auto layers = program.run();
  EXPECT_EQ(layers[0].stall_io, 105);
  // Launched at 165 + 50; the weights are there at 155 + 100.
  EXPECT_EQ(layers[1].stall_weights, 255 - 215);
}

TEST(Tlm, ALayersOwnTransferWaitsForTwoBurstsOfWeightsAtMost) {
  // Weights of 40,960 bytes start at 50. The result of the first layer's tile, ready at 80, goes
  // between their bursts of 4,096 bytes, two of which are on their way.
  ProgramBuilder program;
  program.layer({store(0, 1000)}, {tile(0, 30)});
  program.layer({}, {tile(0, 10)}).weights_ahead(0, 40960, {0, -1});
  const auto layers = program.run();
  const std::int64_t two_bursts = 50 + 5 + 410 + 410;  // each rounded up to cycles
  EXPECT_EQ(layers[0].total(), two_bursts + 100);
  // The weights take as long as in one piece, but for what went between, and the rounding.
  const std::int64_t rounding = layers[0].total() + layers[1].total() - (50 + 5 + 4096 + 100 + 10);
  EXPECT_GE(rounding, 0);
  EXPECT_LT(rounding, 10);
}

TEST(Tlm, RunsDoNotSeeEachOther) {
  ProgramBuilder program;
  program.layer({load(TransferKind::kInput, 0, 1000, 1000), store(0, 500)}, {tile(1, 30, 800, 40)});
  const std::int64_t first = program.run()[0].total();
  AcceleratorConfig faster = simple_chip();
  faster.io_bandwidth_gbps = 20;
  EXPECT_LT(program.run(faster)[0].total(), first);
  EXPECT_EQ(program.run()[0].total(), first);
}

TEST(Doorbell, RefusesWhatIsNotAWriteOfALayer) {
  tlm::tlm_generic_payload payload;
  std::int32_t layer = 3;
  fill_doorbell(payload, layer);
  EXPECT_EQ(read_doorbell(payload), 3);
  EXPECT_TRUE(payload.is_response_ok());

  fill_doorbell(payload, layer);
  payload.set_address(4);
  EXPECT_EQ(read_doorbell(payload), -1);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);

  fill_doorbell(payload, layer);
  payload.set_command(tlm::TLM_READ_COMMAND);
  EXPECT_EQ(read_doorbell(payload), -1);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

}  // namespace
}  // namespace dovetail
