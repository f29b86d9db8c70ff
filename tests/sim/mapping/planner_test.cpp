#include "sim/mapping/planner.h"

#include <gtest/gtest.h>

#include "models/network/blocks/network_builder.h"
#include "models/network/zoo.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

std::int64_t io_bytes(const Program& program) {
  std::int64_t bytes = 0;
  for (const LayerProgram& layer : program.layers) bytes += layer.io_bytes;
  return bytes;
}

Program plan(const Network& network, const AcceleratorConfig& accelerator) {
  Planner planner;
  Program program;
  const auto infeasible = planner.plan(network, accelerator, program);
  EXPECT_FALSE(infeasible) << infeasible->text;
  return program;
}

TEST(Planner, WithRoomOnlyCompulsoryBytesPassTheIoPort) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig accelerator;
  accelerator.local_memory_mib = 4;
  accelerator.weights = WeightPolicy::kStreamed;
  const std::int64_t io = 224 * 224 * 3 + 1000;
  EXPECT_EQ(io_bytes(plan(network, accelerator)), network.weight_bytes() + io);
  accelerator.weights = WeightPolicy::kCached;
  EXPECT_EQ(io_bytes(plan(network, accelerator)), io);
}

/// Bytes of weights that a program keeps on the chip.
std::int64_t kept_bytes(const Network& network, const Program& program) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < program.layers.size(); ++i) {
    if (program.layers[i].weights_cached) bytes += network.layers()[i].weight_bytes();
  }
  return bytes;
}

TEST(Planner, AutoKeepsAllWeightsThatFitAndAPartOfThoseThatDoNot) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig accelerator;
  accelerator.weights = WeightPolicy::kAuto;
  EXPECT_EQ(kept_bytes(network, plan(network, accelerator)), network.weight_bytes());
  accelerator.pes_x = accelerator.pes_y = 1;
  const Program partly = plan(network, accelerator);  // 3.5 MB in 2 MiB
  const std::int64_t kept = kept_bytes(network, partly);
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, network.weight_bytes());
  for (const LayerProgram& layer : partly.layers) {
    EXPECT_LE(layer.local_memory_need, 2 * 1024 * 1024);
    EXPECT_GE(layer.local_memory_need, kept);
  }
}

TEST(Planner, AutoIsNeverSlowerThanStreamingAll) {
  Rng rng(5);
  int faster = 0, cases = 0;
  for (const char* name : {"mobilenet_v2", "efficientnet_b0", "resnet_50"}) {
    const Network network = find_network(name);
    for (int i = 0; i < 20; ++i) {
      AcceleratorConfig accelerator = test::random_accelerator(rng);
      Planner planner;
      Program streamed, chosen;
      accelerator.weights = WeightPolicy::kStreamed;
      if (planner.plan(network, accelerator, streamed)) continue;
      accelerator.weights = WeightPolicy::kAuto;
      ASSERT_FALSE(planner.plan(network, accelerator, chosen));
      EXPECT_LE(predicted_cycles(chosen), predicted_cycles(streamed)) << accelerator.to_yaml();
      faster += predicted_cycles(chosen) < predicted_cycles(streamed);
      ++cases;
    }
  }
  EXPECT_GT(faster, cases / 2);
}

TEST(Planner, CachedWeightsThatDoNotFitAreAReason) {
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 1;
  accelerator.weights = WeightPolicy::kCached;
  Planner planner;
  Program program;
  const auto infeasible = planner.plan(find_network("mobilenet_v2"), accelerator, program);
  ASSERT_TRUE(infeasible);
  EXPECT_EQ(infeasible->reason, InfeasibleReason::kWeightsDoNotFit);
  EXPECT_TRUE(program.layers.empty());
}

TEST(Planner, SpillsWhereLocalMemoryIsSmall) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig accelerator;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.pes_x = accelerator.pes_y = 1;
  accelerator.local_memory_mib = 0.5;
  EXPECT_GT(io_bytes(plan(network, accelerator)), network.weight_bytes() + 224 * 224 * 3 + 1000);
}

TEST(Planner, AMemoryOfAFewKilobytesIsAReason) {
  AcceleratorConfig accelerator;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.pes_x = accelerator.pes_y = 1;
  accelerator.local_memory_mib = 2.0 / 1024;  // the head alone reads 1280 bytes per output
  Planner planner;
  Program program;
  const auto infeasible = planner.plan(find_network("mobilenet_v2"), accelerator, program);
  ASSERT_TRUE(infeasible);
  EXPECT_EQ(infeasible->reason, InfeasibleReason::kLocalMemoryTooSmall);
  EXPECT_NE(infeasible->text.find("layer "), std::string::npos);
}

TEST(Planner, PrefetchMovesBytesButAddsNone) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig ahead, plain;
  ahead.weights = plain.weights = WeightPolicy::kStreamed;
  ahead.weight_prefetch_layers = 1;
  plain.weight_prefetch_layers = 0;
  const Program a = plan(network, ahead), b = plan(network, plain);
  EXPECT_EQ(io_bytes(a), io_bytes(b));
  std::int64_t prefetched = 0, moved_a = 0, moved_b = 0, moved_ahead = 0;
  for (const LayerProgram& layer : a.layers) prefetched += layer.prefetched_bytes;
  for (const Transfer& t : a.transfers) {
    moved_a += t.io_bytes;
    if (t.prefetch) moved_ahead += t.io_bytes;
  }
  for (const Transfer& t : b.transfers) moved_b += t.io_bytes;
  EXPECT_EQ(moved_a, moved_b);
  EXPECT_EQ(moved_ahead, prefetched);
  EXPECT_GT(prefetched, 0);
}

TEST(Planner, WeightsAheadAddNoBytesAndWaitForRoomInOrder) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig ahead, plain;
  ahead.weights = plain.weights = WeightPolicy::kStreamed;
  ahead.local_memory_mib = plain.local_memory_mib = 0.125;
  ahead.weight_prefetch_layers = 1000;
  plain.weight_prefetch_layers = 0;
  const Program a = plan(network, ahead), b = plan(network, plain);
  EXPECT_EQ(io_bytes(a), io_bytes(b));
  std::int64_t weights = 0, waiting = 0;
  ProgramPoint before;
  for (const WeightLoad& load : a.weight_loads) {
    weights += load.transfer.io_bytes;
    EXPECT_GE(load.room, before);
    EXPECT_LE(load.room.layer, load.layer);
    EXPECT_LT(load.room, (ProgramPoint{load.layer, load.transfer.tile}));
    before = load.room;
    waiting += load.room > ProgramPoint{};
  }
  EXPECT_GE(weights, network.weight_bytes());
  EXPECT_GT(waiting, 0);
  for (const LayerProgram& layer : a.layers) {
    EXPECT_LE(layer.local_memory_need, static_cast<std::int64_t>(ahead.local_memory_bytes()));
  }
}

TEST(Planner, RangesCoverEveryCommandOnce) {
  Rng rng(3);
  Planner planner;
  Program program;
  const Network network = find_network("efficientnet_b0");
  for (int i = 0; i < 20; ++i) {
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    if (i % 2 == 1) accelerator.weight_prefetch_layers = 1000;
    if (planner.plan(network, accelerator, program)) continue;
    std::int32_t tile = 0, transfer = 0, weights = 0;
    for (const LayerProgram& layer : program.layers) {
      EXPECT_EQ(layer.first_tile, tile);
      EXPECT_EQ(layer.first_transfer, transfer);
      EXPECT_EQ(layer.first_weight_load, weights);
      std::int32_t loads = 0, wanted = 0, wanted_weights = 0;
      for (std::int32_t t = transfer; t < transfer + layer.transfers; ++t) {
        const Transfer& x = program.transfers[static_cast<std::size_t>(t)];
        loads += x.kind != TransferKind::kOutput && !x.prefetch;
      }
      tile += layer.tiles;
      transfer += layer.transfers;
      for (std::int32_t t = layer.first_tile; t < tile; ++t) {
        wanted += program.tiles[static_cast<std::size_t>(t)].loads;
        wanted_weights += program.tiles[static_cast<std::size_t>(t)].weight_loads;
      }
      weights += layer.weight_loads;
      EXPECT_EQ(loads, wanted);
      EXPECT_EQ(layer.weight_loads, wanted_weights);
    }
    EXPECT_EQ(tile, static_cast<std::int32_t>(program.tiles.size()));
    EXPECT_EQ(transfer, static_cast<std::int32_t>(program.transfers.size()));
    EXPECT_EQ(weights, static_cast<std::int32_t>(program.weight_loads.size()));
  }
}

TEST(Planner, BigResidualSpillsInsteadOfFailing) {
  // The residual must live across the block; it does not fit beside the expanded tensor.
  NetworkBuilder builder("residual", {64, 64, 32});
  const int start = builder.conv("in", kNetworkInput, 96, 1, 1, Activation::kRelu);
  const int wide = builder.conv("wide", start, 192, 3, 1, Activation::kRelu);
  const int back = builder.conv("back", wide, 96, 1, 1, Activation::kNone);
  builder.add("add", back, start);
  const Network network = builder.finish();
  AcceleratorConfig accelerator;
  accelerator.pes_x = accelerator.pes_y = 1;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.local_memory_mib = 0.5;
  EXPECT_GT(io_bytes(plan(network, accelerator)),
            network.weight_bytes() + 64 * 64 * 32 + 64 * 64 * 96);
}

}  // namespace
}  // namespace dovetail
