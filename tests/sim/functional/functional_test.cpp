// The mapped computation against the reference, bit for bit.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "sim/functional/random_quantization.h"
#include "sim/functional/reference.h"
#include "sim/report.h"
#include "sim/simulator.h"
#include "tests/sim/functional/functional_cases.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

using test::FunctionalCase;

/// No layer moves more bytes than its transfers are charged for.
void expect_charged(const FunctionalCase& c, const FunctionalCase::Outcome& outcome) {
  std::vector<std::int64_t> local(c.program.layers.size(), 0);  // into the busiest PE
  for (std::size_t i = 0; i < local.size(); ++i) {
    const LayerProgram& layer = c.program.layers[i];
    for (std::int32_t t = layer.first_transfer; t < layer.first_transfer + layer.transfers; ++t) {
      const Transfer& transfer = c.program.transfers[static_cast<std::size_t>(t)];
      if (transfer.operand == kOutputOperand) continue;
      local[transfer.prefetch ? i + 1 : i] += transfer.local_bytes;
    }
  }
  for (const WeightLoad& load : c.program.weight_loads) {
    local[static_cast<std::size_t>(load.layer)] += load.transfer.local_bytes;
  }
  for (std::size_t i = 0; i < local.size(); ++i) {
    const MovedBytes& moved = outcome.counts.moved[i];
    const std::string& name = c.network.layers()[i].name;
    EXPECT_LE(moved.io, c.program.layers[i].io_bytes) << name;
    EXPECT_LE(moved.interconnect, c.program.layers[i].interconnect_bytes) << name;
    EXPECT_LE(moved.busiest_pe, local[i]) << name;
  }
}

/// What the random cases went through.
struct Coverage {
  int ran_ahead = 0, tiled = 0, bands_first = 0, cached = 0, cached_in_part = 0, prefetched = 0,
      spilled = 0, exchanged = 0;

  void add(const FunctionalCase& c) {
    bool some_kept = false, some_streamed = false;
    for (std::size_t i = 0; i < c.program.layers.size(); ++i) {
      const LayerProgram& layer = c.program.layers[i];
      if (c.network.layers()[i].has_weights()) {
        (layer.weights_cached ? some_kept : some_streamed) = true;
      }
      tiled += layer.tiles > 1;
      bands_first += layer.tiles > 1 && layer.mapping.tiling.bands_outer;
      prefetched += layer.prefetched_bytes > 0;
      ran_ahead += layer.weight_loads > 0;
      bool to_dram = false;
      for (std::int32_t t = layer.first_transfer; t < layer.first_transfer + layer.transfers; ++t) {
        const TransferKind kind = c.program.transfers[static_cast<std::size_t>(t)].kind;
        exchanged += kind == TransferKind::kExchange;
        to_dram = to_dram || kind == TransferKind::kOutput;
      }
      spilled += to_dram && i + 1 < c.program.layers.size();
    }
    cached += some_kept;
    cached_in_part += some_kept && some_streamed;
  }
};

TEST(Functional, RandomOperatorsEqualTheReference) {
  constexpr int kEach = 143;  // 2,002 cases
  Rng rng(42);
  Coverage coverage;
  for (int operator_case = 0; operator_case < test::kOperatorCases; ++operator_case) {
    int done = 0;
    for (int attempt = 0; done < kEach; ++attempt) {
      ASSERT_LT(attempt, 10 * kEach);
      const FunctionalCase c(test::random_operator_network(rng, operator_case),
                             test::random_small_accelerator(rng), rng.bits());
      if (!c.feasible()) continue;
      ++done;
      const auto outcome = c.run();
      EXPECT_TRUE(test::matches(c, outcome));
      EXPECT_EQ(outcome.cycles, c.cycles_without_data());
      expect_charged(c, outcome);
      if (HasFailure()) {
        FAIL() << test::operator_case_name(operator_case) << "\n" << test::describe(c);
      }
      coverage.add(c);
    }
  }
  EXPECT_GT(coverage.tiled, 200);
  EXPECT_GT(coverage.bands_first, 10);
  EXPECT_GT(coverage.cached, 100);
  EXPECT_GT(coverage.cached_in_part, 5);
  EXPECT_GT(coverage.prefetched, 100);
  EXPECT_GT(coverage.ran_ahead, 100);
  EXPECT_GT(coverage.spilled, 50);
  EXPECT_GT(coverage.exchanged, 200);
}

/// A network of the zoo with another input size.
Network resized(const std::string& name, int from, int to) {
  std::string text = read_file(resolve_config("networks", name));
  for (const char* axis : {"height: ", "width: "}) {
    const std::string old = axis + std::to_string(from);
    text.replace(text.find(old), old.size(), axis + std::to_string(to));
  }
  const auto file = std::filesystem::path(testing::TempDir()) / "functional_resized.yaml";
  write_file_atomically(file, text);
  return load_network(file);
}

void expect_equal_on_several_accelerators(const Network& network) {
  AcceleratorConfig baseline, tight, odd, ahead;
  tight.name = "tight";  // tiles, spills, streamed weights
  tight.pes_x = tight.pes_y = 2;
  tight.local_memory_mib = 64.0 / 1024;
  odd.name = "odd";  // nothing divides evenly
  odd.pes_x = 6;
  odd.compute_lanes = 2;
  odd.simd_units = 16;
  odd.weights = WeightPolicy::kCached;
  ahead.name = "ahead";  // weights kept in part, the others as far ahead as there is room
  ahead.pes_x = ahead.pes_y = 2;
  ahead.local_memory_mib = 0.25;
  ahead.weight_prefetch_layers = 1000;
  const auto coral = AcceleratorConfig::load(resolve_config("accelerators", "coral_edge_tpu"));
  const QuantizedNetwork quantized = random_quantization(network, 1);
  const QuantizedTensor input = random_input(network, 1);
  const QuantizedTensor expected = reference_output(network, quantized, input);
  Simulator simulator;
  for (const AcceleratorConfig& accelerator : {baseline, coral, tight, odd, ahead}) {
    const FunctionalResult result =
        simulator.run_functional(network, accelerator, quantized, input);
    ASSERT_TRUE(result.timing.feasible()) << result.timing.reason_text;
    EXPECT_EQ(result.output, expected) << accelerator.name;
    EXPECT_TRUE(result.counts.sound()) << accelerator.name;
    EXPECT_EQ(result.counts.macs, network.macs()) << accelerator.name;
    EXPECT_EQ(simulation_json(network, accelerator, result.timing),
              simulation_json(network, accelerator, simulator.run(network, accelerator)));
  }
}

TEST(Functional, MobileNetV2At96) {
  expect_equal_on_several_accelerators(find_network("mobilenetv2_1.0_96"));
}

TEST(Functional, EfficientNetB0At64) {
  expect_equal_on_several_accelerators(resized("efficientnet_b0_224", 224, 64));
}

/// $DOVETAIL_FUNCTIONAL_PAIRS of them, a quarter of a second each; few by default.
TEST(Functional, RandomPairsTakeTheSameTimeWithData) {
  const char* wanted = std::getenv("DOVETAIL_FUNCTIONAL_PAIRS");
  const int count = wanted == nullptr ? 10 : std::atoi(wanted);
  ASSERT_GT(count, 0);
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", "nas_bench_macro"));
  Simulator simulator;
  Rng rng(11);
  for (int i = 0; i < count; ++i) {
    const Network network = networks.build(networks.decisions().sample(rng));
    const AcceleratorConfig accelerator = test::random_accelerator(rng);
    const auto seed = static_cast<std::uint64_t>(i);
    const FunctionalResult with_data = simulator.run_functional(
        network, accelerator, random_quantization(network, seed), random_input(network, seed));
    ASSERT_EQ(simulation_json(network, accelerator, with_data.timing),
              simulation_json(network, accelerator, simulator.run(network, accelerator)))
        << i;
    ASSERT_EQ(with_data.timing.feasible(),
              with_data.counts.sound() && !with_data.output.data.empty())
        << i;
  }
}

TEST(Functional, AnInfeasiblePairHasNoData) {
  const Network network = find_network("mobilenetv2_1.0_96");
  AcceleratorConfig accelerator;
  accelerator.local_memory_mib = 1.0 / 1024;
  accelerator.weights = WeightPolicy::kStreamed;
  accelerator.pes_x = accelerator.pes_y = 1;
  const FunctionalResult result = Simulator().run_functional(
      network, accelerator, random_quantization(network, 0), random_input(network, 0));
  EXPECT_FALSE(result.timing.feasible());
  EXPECT_TRUE(result.output.data.empty());
}

}  // namespace
}  // namespace dovetail
