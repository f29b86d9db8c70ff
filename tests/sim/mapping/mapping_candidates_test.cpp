#include "sim/mapping/mapping_candidates.h"

#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

AcceleratorConfig preset(const std::string& name) {
  return AcceleratorConfig::load(resolve_config("accelerators", name));
}

// One byte a unit and cycle feeds one of its four ways, whether four ways of a quarter of the units
// or one of all.
TEST(AttainablePeak, TheBaselineIsFedAQuarterOfItsPeak) {
  AcceleratorConfig accelerator = preset("nahas_baseline");
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator),
                   0.25 * accelerator.peak_macs_per_cycle());
  accelerator.register_file_bytes_per_unit_cycle = 2;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), 0.5 * accelerator.peak_macs_per_cycle());
  accelerator.register_file_bytes_per_unit_cycle = 4;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), accelerator.peak_macs_per_cycle());
  // Two ways of all units want two activations a cycle: then these are the limit.
  accelerator.activation_bytes_per_lane_cycle = 2;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator), 0.5 * accelerator.peak_macs_per_cycle());
}

TEST(AttainablePeak, HalfTheBitsTwiceTheRate) {
  const AcceleratorConfig accelerator = preset("nahas_baseline");
  Bits bits;
  bits.weight = 4;
  EXPECT_DOUBLE_EQ(attainable_macs_per_cycle(accelerator, bits),
                   0.5 * accelerator.peak_macs_per_cycle());
}

TEST(AttainablePeak, NoLayerOfTheZooComputesFaster) {
  Simulator simulator;
  double closest = 0;
  for (const char* name :
       {"nahas_baseline", "coral_edge_tpu", "pixel6_like", "nvdla_256", "nvdla_2048", "tpu_v1"}) {
    const AcceleratorConfig accelerator = preset(name);
    const double roof = attainable_macs_per_cycle(accelerator);
    EXPECT_LE(roof, accelerator.peak_macs_per_cycle());
    for (const ZooEntry& entry : list_zoo()) {
      const Network network = load_network(entry.file);
      EXPECT_EQ(attainable_macs_per_cycle(accelerator, network), roof);
      for (const LayerResult& layer : simulator.run(network, accelerator).layers) {
        if (layer.breakdown.compute == 0) continue;
        const double rate =
            static_cast<double>(layer.activity.macs) / static_cast<double>(layer.breakdown.compute);
        EXPECT_LE(rate, roof * (1 + 1e-12)) << name << " " << network.name() << " " << layer.name;
        closest = std::max(closest, rate / roof);
      }
    }
  }
  EXPECT_GT(closest, 0.95);  // the roof is one that layers come close to
}

TEST(AttainablePeak, NoRandomLayerComputesFaster) {
  Rng rng(5);
  Simulator simulator;
  for (int i = 0; i < 1500; ++i) {
    const Network network = test::random_single_layer(rng);
    AcceleratorConfig accelerator = test::random_accelerator(rng);
    const double rates[] = {0.5, 1, 2, 4}, activations[] = {1, 3, 8, 32};
    accelerator.register_file_bytes_per_unit_cycle = rates[rng.index(4)];
    accelerator.activation_bytes_per_lane_cycle = activations[rng.index(4)];
    for (const LayerResult& layer : simulator.run(network, accelerator).layers) {
      if (layer.activity.macs == 0) continue;
      EXPECT_LE(static_cast<double>(layer.activity.macs),
                attainable_macs_per_cycle(accelerator, network) *
                    static_cast<double>(layer.breakdown.compute) * (1 + 1e-12))
          << layer.mapping << "\n"
          << accelerator.to_yaml();
    }
  }
}

/// All powers of two that lanes and units allow, and as many positions as the register file feeds.
template <typename Visit>
void for_each_split(const LayerGeometry& layer, const AcceleratorConfig& a, Visit visit) {
  const int ways = layer.kind == WorkKind::kDense ? a.simd_width : 1;
  for (int lanes = 1; lanes <= a.compute_lanes; lanes *= 2) {
    for (int channels = 1; channels <= a.simd_units; channels *= 2) {
      for (int w = 1; w <= ways; w *= 2) {
        int positions = 1;
        const double fed = a.register_file_bytes_per_unit_cycle * a.simd_units;
        while (channels * positions * 2 <= a.simd_units && channels * positions * 2 * w <= fed) {
          positions *= 2;
        }
        visit(LaneSplit{lanes, a.compute_lanes / lanes, channels, positions, w});
      }
    }
  }
}

TEST(MappingCandidates, LanesOfATileAreTheFastestOnIt) {
  Rng rng(31);
  for (int i = 0; i < 300; ++i) {
    AcceleratorConfig accelerator;
    accelerator.compute_lanes = 1 << rng.index(4);
    accelerator.simd_units = 16 << rng.index(4);
    accelerator.register_file_kib = 64;
    const int groups = rng.index(3) == 0 ? 96 : 1;
    const Network network =
        test::conv_network({14, 14, 96}, 96, 1 + 2 * static_cast<int>(rng.index(2)), 1, groups);
    const LayerGeometry layer = LayerGeometry::of(network, network.layers()[0]);
    MappingCandidates candidates;
    candidates.collect(layer, accelerator, 1);
    const PeTile tile{1 + static_cast<std::int64_t>(rng.index(14)),
                      1 + static_cast<std::int64_t>(rng.index(14)),
                      1 + static_cast<std::int64_t>(rng.index(96))};
    const auto& choices = candidates.lanes_for(tile);
    ASSERT_GT(choices.count, 0);
    const std::int64_t chosen = pe_tile_cost(layer, accelerator, *choices.options[0], tile).cycles;
    for_each_split(layer, accelerator, [&](const LaneSplit& split) {
      if (const auto option = lane_option(layer, accelerator, split)) {
        EXPECT_LE(chosen, pe_tile_cost(layer, accelerator, *option, tile).cycles)
            << i << ": " << tile.rows << 'x' << tile.cols << 'x' << tile.channels;
      }
    });
  }
}

}  // namespace
}  // namespace dovetail
