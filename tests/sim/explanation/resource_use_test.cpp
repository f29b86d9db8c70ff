#include "sim/explanation/resource_use.h"

#include <gtest/gtest.h>

#include <map>

#include "base/files/paths.h"
#include "models/network/zoo.h"
#include "sim/mapping/mapping_candidates.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

SimulatorOptions traced() {
  SimulatorOptions options;
  options.trace = true;
  return options;
}

/// The uses in a window by the name of their resource.
std::map<std::string, ResourceUse> by_name(const std::vector<ResourceUse>& uses) {
  std::map<std::string, ResourceUse> named;
  for (const ResourceUse& use : uses) named[use.resource] = use;
  return named;
}

/// What the report of the same window says.
void expect_agrees(const std::vector<ResourceUse>& uses, const CycleWindow& window,
                   const CycleBreakdown& breakdown) {
  auto named = by_name(uses);
  EXPECT_EQ(window.cycles(), breakdown.total());
  EXPECT_EQ(named["lanes"].busy_cycles, breakdown.compute);
  EXPECT_EQ(named["vector units"].busy_cycles, breakdown.vector);
  EXPECT_EQ(named["launch"].busy_cycles, breakdown.stall_launch);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const ResourceUse& use = uses[i];
    EXPECT_LE(use.busy_cycles, window.cycles()) << use.resource;
    if (i > 0) {
      EXPECT_LE(use.busy_cycles, uses[i - 1].busy_cycles);
    }
    if (use.most_per_cycle > 0) {
      EXPECT_LE(use.per_cycle(), use.most_per_cycle * (1 + 1e-9)) << use.resource;
    }
  }
}

TEST(ResourceUse, LayersFollowEachOtherAndAddUpToTheNetwork) {
  for (const char* preset : {"nahas_baseline", "coral_edge_tpu"}) {
    const auto accelerator = AcceleratorConfig::load(resolve_config("accelerators", preset));
    for (const char* name : {"mobilenet_v2", "efficientnet_b0_224", "resnet_18"}) {
      Simulator simulator(traced());
      const SimulationResult result = simulator.run(find_network(name), accelerator);
      const double attainable = attainable_macs_per_cycle(accelerator);
      const auto& trace = simulator.last_trace();
      const CycleWindow all{0, result.cycles};
      const auto whole = resource_uses(trace, all, result.layers, accelerator, attainable);
      expect_agrees(whole, all, result.breakdown);
      EXPECT_NEAR(by_name(whole)["IO port"].amount, static_cast<double>(result.activity.io_bytes),
                  1);
      std::int64_t end = 0;
      std::map<std::string, double> amounts;
      for (std::size_t i = 0; i < result.layers.size(); ++i) {
        const CycleWindow window = window_of_layer(trace, i);
        EXPECT_EQ(window.begin, end) << result.layers[i].name;
        end = window.end;
        const auto uses = resource_uses(trace, window, std::span(result.layers).subspan(i, 1),
                                        accelerator, attainable);
        expect_agrees(uses, window, result.layers[i].breakdown);
        for (const ResourceUse& use : uses) amounts[use.resource] += use.amount;
      }
      EXPECT_EQ(end, result.cycles);
      for (const ResourceUse& use : whole) {
        if (use.resource == "lanes") continue;  // a pool's are operations, no MACs
        EXPECT_NEAR(amounts[use.resource], use.amount, 1e-6 * use.amount) << use.resource;
      }
    }
  }
}

// 1280 outputs of 1000 inputs, each weight read once: 1,280,000 bytes and 8 for each output's bias
// and multiplier, at 25 bytes a cycle.
TEST(ResourceUse, TheBoundSaysItsArithmetic) {
  auto accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline_streamed"));
  const Network network = test::conv_network({1, 1, 1000}, 1280, 1, 1);
  Simulator simulator(traced());
  const SimulationResult result = simulator.run(network, accelerator);
  const CycleWindow all{0, result.cycles};
  const auto uses = resource_uses(simulator.last_trace(), all, result.layers, accelerator, 4096);
  const ResourceUse& io = uses.front();
  EXPECT_EQ(io.resource, "IO port");
  EXPECT_EQ(io.amount, 1280 * 1000 + 8 * 1280 + 1000 + 1280);
  EXPECT_NEAR(static_cast<double>(io.busy_cycles), io.amount / 25,
              static_cast<double>(simulator.last_program().transfers.size()));
  const std::string sentence = bound_sentence(io, all);
  EXPECT_EQ(sentence.find("bound by the IO port: 1.29 MB (1.29 MB of weights, 1.28 KB of "
                          "activations written, 1 KB of activations read) at 25 B a cycle: 51,7"),
            0u)
      << sentence;
}

TEST(ResourceUse, WhereNothingWorksMostOfTheTimeTheSentenceSaysSo) {
  ResourceUse use{"lanes", "MACs", "", 2e6, 4096, 1000};
  EXPECT_EQ(
      bound_sentence(use, {0, 2000}),
      "bound by the lanes: 2.0 M MACs at 2,000 a cycle (of 4,096 at most): 1,000 of 2,000 cycles");
  EXPECT_EQ(bound_sentence(use, {0, 2001}).find("bound by nothing for half of the time"), 0u);
}

TEST(ResourceUse, LaunchesAreCounted) {
  AcceleratorConfig accelerator;
  accelerator.layer_launch_cycles = 100000;
  const Network network = test::conv_network({4, 4, 16}, 16, 1, 1);
  Simulator simulator(traced());
  const SimulationResult result = simulator.run(network, accelerator);
  const CycleWindow all{0, result.cycles};
  const auto uses = resource_uses(simulator.last_trace(), all, result.layers, accelerator, 4096);
  EXPECT_EQ(
      bound_sentence(uses.front(), all)
          .find("bound by launch: 1 layer of 100,000 cycles and 1 tile of 16 cycles: 100,016 of "),
      0u)
      << bound_sentence(uses.front(), all);
}

}  // namespace
}  // namespace dovetail
