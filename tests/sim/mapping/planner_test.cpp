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

TEST(Planner, AutoCachesIfEverythingFits) {
  const Network network = find_network("mobilenet_v2");
  AcceleratorConfig accelerator;
  accelerator.weights = WeightPolicy::kAuto;
  EXPECT_TRUE(plan(network, accelerator).weights_cached);
  accelerator.pes_x = accelerator.pes_y = 1;
  EXPECT_FALSE(plan(network, accelerator).weights_cached);  // 3.5 MB in 2 MiB
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

TEST(Planner, RangesCoverEveryCommandOnce) {
  Rng rng(3);
  Planner planner;
  Program program;
  const Network network = find_network("efficientnet_b0");
  for (int i = 0; i < 20; ++i) {
    if (planner.plan(network, test::random_accelerator(rng), program)) continue;
    std::int32_t tile = 0, transfer = 0;
    for (const LayerProgram& layer : program.layers) {
      EXPECT_EQ(layer.first_tile, tile);
      EXPECT_EQ(layer.first_transfer, transfer);
      std::int32_t loads = 0, wanted = 0;
      for (std::int32_t t = transfer; t < transfer + layer.transfers; ++t) {
        const Transfer& x = program.transfers[static_cast<std::size_t>(t)];
        loads += x.kind != TransferKind::kOutput && !x.prefetch;
      }
      tile += layer.tiles;
      transfer += layer.transfers;
      for (std::int32_t t = layer.first_tile; t < tile; ++t) {
        wanted += program.tiles[static_cast<std::size_t>(t)].loads;
      }
      EXPECT_EQ(loads, wanted);
    }
    EXPECT_EQ(tile, static_cast<std::int32_t>(program.tiles.size()));
    EXPECT_EQ(transfer, static_cast<std::int32_t>(program.transfers.size()));
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
