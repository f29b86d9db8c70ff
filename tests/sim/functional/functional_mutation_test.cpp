// Functional mode sees mistakes: programs broken on purpose give a wrong tensor.

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "models/network/blocks/network_builder.h"
#include "tests/sim/functional/functional_cases.h"

namespace dovetail {
namespace {

using test::FunctionalCase;

/// A 3x3 convolution, a depthwise one with halos in both directions and squeeze-and-excite.
FunctionalCase block_case(double local_memory_kib = 2048) {
  NetworkBuilder builder("block", {14, 14, 8});
  const int a = builder.conv("conv", kNetworkInput, 24, 3, 1, Activation::kRelu);
  const int b = builder.depthwise("depthwise", a, 5, 1, Activation::kSwish);
  SqueezeExcite se;
  se.squeeze_channels = 6;
  builder.conv("project", builder.squeeze_excite(b, se), 16, 1, 1, Activation::kNone);
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 2;
  accelerator.simd_units = 16;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.local_memory_mib = local_memory_kib / 1024;
  accelerator.tile_issue_cycles = 0;        // so that the mapper cuts more tiles
  accelerator.link_bytes_per_pe_cycle = 1;  // and leaves tensors where they are, but for halos
  return {builder.finish(), accelerator, 3};
}

/// Takes a transfer out of the program, and from its tile the wait for it.
void drop_transfer(Program& program, std::size_t which) {
  const Transfer gone = program.transfers[which];
  program.transfers.erase(program.transfers.begin() + static_cast<std::ptrdiff_t>(which));
  for (LayerProgram& layer : program.layers) {
    const auto at = static_cast<std::int32_t>(which);
    if (layer.first_transfer > at) {
      --layer.first_transfer;
    } else if (at < layer.first_transfer + layer.transfers) {
      --layer.transfers;
      Tile* tiles = program.tiles.data() + layer.first_tile;
      if (gone.operand == kOutputOperand) {
        for (int t = 0; t < layer.tiles; ++t) tiles[t].stores = std::max(0, tiles[t].stores - 1);
      } else if (!gone.prefetch) {
        --tiles[gone.tile].loads;
      }
    }
  }
}

/// True for a load that only waits for a prefetch.
bool is_stand_in(const Transfer& t) {
  return t.operand == kWeightsOperand && t.interconnect_bytes == 0;
}

TEST(FunctionalMutation, UnbrokenProgramsMatch) {
  for (const double kib : {2048.0, 3.0}) {
    const FunctionalCase c = block_case(kib);
    ASSERT_TRUE(c.feasible()) << kib;
    EXPECT_TRUE(test::matches(c, c.run())) << test::describe(c);
  }
}

TEST(FunctionalMutation, EveryDroppedTileIsSeen) {
  const FunctionalCase c = block_case(3);
  ASSERT_GT(c.program.tiles.size(), 2 * c.program.layers.size());
  for (std::size_t i = 0; i < c.program.tiles.size(); ++i) {
    FunctionalCase broken = c;
    broken.program.tiles[i].lines = 0;
    const auto outcome = broken.run();
    EXPECT_FALSE(test::matches(broken, outcome)) << "tile " << i << "\n" << test::describe(c);
    EXPECT_NE(outcome.output, c.expected) << "tile " << i << "\n" << test::describe(c);
  }
}

TEST(FunctionalMutation, EveryDroppedTransferIsSeen) {
  const FunctionalCase c = block_case();
  int dropped = 0, halos = 0;
  for (std::size_t i = 0; i < c.program.transfers.size(); ++i) {
    const Transfer& t = c.program.transfers[i];
    if (is_stand_in(t)) continue;
    FunctionalCase broken = c;
    drop_transfer(broken.program, i);
    const auto outcome = broken.run();
    EXPECT_FALSE(test::matches(broken, outcome)) << "transfer " << i << "\n" << test::describe(c);
    ++dropped;
    const bool gate = t.interconnect_bytes == 24;
    if (t.kind == TransferKind::kExchange && !gate && t.interconnect_bytes < 14 * 14 * 24) {
      ++halos;
      EXPECT_NE(outcome.output, c.expected);
    }
  }
  EXPECT_GT(dropped, 8);
  EXPECT_GT(halos, 0);
}

TEST(FunctionalMutation, AWrongPeSplitIsSeen) {
  const FunctionalCase c = block_case();
  for (std::size_t i = 0; i < c.program.layers.size(); ++i) {
    if (c.network.layers()[i].output.height == 1) continue;  // one PE has it all
    FunctionalCase broken = c;
    PeSplit& pes = broken.program.layers[i].mapping.pes;
    pes = {pes.channels * pes.cols, pes.rows, 1};
    if (pes == c.program.layers[i].mapping.pes) pes = {4, 1, 1};
    EXPECT_NE(broken.run().output, c.expected) << c.network.layers()[i].name << test::describe(c);
  }
}

TEST(FunctionalMutation, ALaneSplitThatCannotKeepUpIsSeen) {
  const FunctionalCase c = block_case();
  for (std::size_t i = 0; i < c.program.layers.size(); ++i) {
    if (!c.network.layers()[i].has_weights()) continue;
    FunctionalCase broken = c;
    broken.program.layers[i].mapping.lanes = {1, 1, 1, 1, 1};
    const auto outcome = broken.run();
    EXPECT_NE(outcome.output, c.expected) << c.network.layers()[i].name;
    EXPECT_GT(outcome.counts.outputs_missing, 0) << c.network.layers()[i].name;
  }
}

TEST(FunctionalMutation, MoreLanesThanThereAreAreRefused) {
  FunctionalCase broken = block_case();
  broken.program.layers[0].mapping.lanes.lane_positions *= 2;
  EXPECT_THROW(broken.run(), std::logic_error);
}

TEST(FunctionalMutation, ATileThatDoesNotWaitForItsLoadsIsSeen) {
  // The first tile of a layer, whose loads start with it; later ones arrive early anyway.
  const FunctionalCase c = block_case();
  int broken_layers = 0;
  for (const LayerProgram& layer : c.program.layers) {
    const auto first = c.program.transfers.begin() + layer.first_transfer;
    const bool loads = std::any_of(first, first + layer.transfers, [](const Transfer& t) {
      return t.tile == 0 && !t.prefetch && t.operand != kOutputOperand && !is_stand_in(t);
    });
    if (!loads) continue;
    FunctionalCase broken = c;
    broken.program.tiles[static_cast<std::size_t>(layer.first_tile)].loads = 0;
    EXPECT_FALSE(test::matches(broken, broken.run())) << "tile " << layer.first_tile << "\n"
                                                      << test::describe(c);
    ++broken_layers;
  }
  EXPECT_GT(broken_layers, 3);
}

TEST(FunctionalMutation, ALoadIntoABufferInUseIsSeen) {
  // Weights of many tiles: those of the third must wait until the first tile is computed.
  NetworkBuilder builder("wide", {16, 16, 32});
  builder.global_average_pool("pool",
                              builder.conv("conv", kNetworkInput, 256, 7, 1, Activation::kNone));
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 2;
  accelerator.simd_units = 16;
  accelerator.local_memory_mib = 48.0 / 1024;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.io_bandwidth_gbps = 500;
  FunctionalCase c(builder.finish(), accelerator, 3);
  ASSERT_TRUE(c.feasible());
  const Tiling& tiling = c.program.layers[0].mapping.tiling;
  ASSERT_GE(tiling.channel_tiles * tiling.reduction_tiles, 3) << test::describe(c);
  EXPECT_TRUE(test::matches(c, c.run()));
  for (Transfer& t : c.program.transfers) {
    if (t.operand != kOutputOperand) t.after_tile = -1;
  }
  EXPECT_NE(c.run().output, c.expected);
}

/// A network of which weights run far ahead, in a memory that they fill.
FunctionalCase case_of_weights_ahead() {
  NetworkBuilder builder("chain", {16, 16, 32});
  int x = kNetworkInput;
  for (int i = 0; i < 6; ++i) {
    x = builder.conv("conv" + std::to_string(i), x, 48, 3, 1, Activation::kRelu);
  }
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 2;
  accelerator.simd_units = 16;
  accelerator.local_memory_mib = 48.0 / 1024;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.weight_prefetch_layers = 1000;
  return {builder.finish(), accelerator, 3};
}

TEST(FunctionalMutation, EveryDroppedWeightLoadIsSeen) {
  const FunctionalCase c = case_of_weights_ahead();
  ASSERT_TRUE(c.feasible());
  ASSERT_TRUE(test::matches(c, c.run()));
  ASSERT_GE(c.program.weight_loads.size(), 6u);
  for (std::size_t i = 0; i < c.program.weight_loads.size(); ++i) {
    FunctionalCase broken = c;
    const WeightLoad gone = c.program.weight_loads[i];
    broken.program.weight_loads.erase(broken.program.weight_loads.begin() +
                                      static_cast<std::ptrdiff_t>(i));
    for (std::size_t l = 0; l < broken.program.layers.size(); ++l) {
      LayerProgram& layer = broken.program.layers[l];
      if (static_cast<std::int32_t>(l) > gone.layer) --layer.first_weight_load;
      if (static_cast<std::int32_t>(l) != gone.layer) continue;
      --layer.weight_loads;
      --broken.program.tiles[static_cast<std::size_t>(layer.first_tile + gone.transfer.tile)]
            .weight_loads;
    }
    EXPECT_NE(broken.run().output, c.expected) << i;
  }
}

TEST(FunctionalMutation, WeightsBroughtBeforeThereIsRoomAreSeen) {
  FunctionalCase c = case_of_weights_ahead();
  const auto waits = [](const WeightLoad& load) { return load.room > ProgramPoint{}; };
  ASSERT_TRUE(std::ranges::any_of(c.program.weight_loads, waits)) << "there is room for all";
  for (WeightLoad& load : c.program.weight_loads) load.room = {};
  const auto outcome = c.run();
  EXPECT_GT(outcome.counts.weights_without_room, 0);
  EXPECT_FALSE(test::matches(c, outcome));
}

TEST(FunctionalMutation, AResultOverwrittenBeforeItLeftIsSeen) {
  // Tiles that load nothing and whose results leave slowly: only their wait for the stores of the
  // tiles before keeps them from writing over these.
  NetworkBuilder builder("slow", {32, 32, 16});
  const int a = builder.conv("conv", kNetworkInput, 16, 1, 1, Activation::kRelu);
  builder.activation("activation", a, Activation::kSwish);
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 2;
  accelerator.io_bandwidth_gbps = 5;
  accelerator.tile_issue_cycles = 0;
  accelerator.vector_elements_per_lane_cycle = 64;
  FunctionalCase c(builder.finish(), accelerator, 3);
  ASSERT_TRUE(c.feasible());
  ASSERT_GE(c.program.layers[1].tiles, 3) << test::describe(c);
  EXPECT_TRUE(test::matches(c, c.run()));
  for (Tile& tile : c.program.tiles) tile.stores = 0;
  EXPECT_NE(c.run().output, c.expected);
}

}  // namespace
}  // namespace dovetail
