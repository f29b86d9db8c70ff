// The reference and its integers, against numbers worked out by hand.

#include "sim/functional/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text/error.h"
#include "models/network/blocks/network_builder.h"
#include "models/network/zoo.h"
#include "sim/functional/random_quantization.h"
#include "tests/sim/random_cases.h"

namespace dovetail {
namespace {

/// Multiplies by `numerator` / 4.
QuantizedLayer quarter(std::int32_t numerator, std::size_t count = 1) {
  QuantizedLayer q;
  q.multipliers.assign(count, numerator);
  q.shift = 2;
  return q;
}

TEST(Requantize, RoundsToNearestAndHalvesToEven) {
  const QuantizedLayer q = quarter(1);
  EXPECT_EQ(requantize(q, 5), 1);     // 1.25
  EXPECT_EQ(requantize(q, 6), 2);     // 1.5
  EXPECT_EQ(requantize(q, 10), 2);    // 2.5
  EXPECT_EQ(requantize(q, 11), 3);    // 2.75
  EXPECT_EQ(requantize(q, -2), 0);    // -0.5
  EXPECT_EQ(requantize(q, -6), -2);   // -1.5
  EXPECT_EQ(requantize(q, -7), -2);   // -1.75
  EXPECT_EQ(requantize(q, -10), -2);  // -2.5
}

TEST(Requantize, DividesBeforeItRounds) {
  QuantizedLayer q = quarter(1);
  for (q.divisor = 1; q.divisor <= 9; ++q.divisor) {
    for (std::int64_t product = -500; product <= 500; ++product) {
      const double exact = static_cast<double>(product) / (4.0 * q.divisor);
      ASSERT_EQ(requantize(q, product), std::lrint(exact)) << product << " over 4 * " << q.divisor;
    }
  }
}

TEST(Requantize, AddsTheZeroPointThenClampsThenLooksUp) {
  QuantizedLayer q = quarter(1);
  q.zero_point = 10;
  EXPECT_EQ(requantize(q, 40), 20);
  EXPECT_EQ(requantize(q, 4000), 127);
  q.low = 10;
  EXPECT_EQ(requantize(q, -40), 10);
  q.table.assign(256, 7);
  q.table[128 + 20] = 99;
  EXPECT_EQ(requantize(q, 40), 99);
}

TEST(RoundedMean, IsWhatFloatingPointRoundsTo) {
  for (std::int32_t count = 1; count <= 12; ++count) {
    for (std::int32_t sum = -128 * count; sum <= 127 * count; ++sum) {
      ASSERT_EQ(rounded_mean(sum, count), std::lrint(static_cast<double>(sum) / count))
          << sum << " over " << count;
    }
  }
}

TEST(Reference, ConvolutionByHand) {
  // 2x2 input of one channel, 3x3 kernel of ones with a 5 in the middle, padding 1: four times the
  // middle plus the sum of all, values taken less their zero point 1.
  const Network network = test::conv_network({2, 2, 1}, 1, 3, 1);
  QuantizedLayer q = quarter(4);
  q.weights = {1, 1, 1, 1, 5, 1, 1, 1, 1};
  q.bias = {100};
  const QuantizedTensor input{{2, 2, 1}, {2, 3, 4, 5}};
  const std::vector<ReferenceInput> inputs = {{&input, 1}};
  EXPECT_EQ(reference_layer(network.layers()[0], q, inputs).data,
            (std::vector<std::int8_t>{114, 118, 122, 126}));
}

TEST(Reference, GroupsReadTheirOwnChannels) {
  const Network network = test::conv_network({1, 1, 4}, 2, 1, 1, 2);
  QuantizedLayer q = quarter(4, 2);
  q.weights = {1, 2, 3, 4};
  q.bias = {0, 0};
  const QuantizedTensor input{{1, 1, 4}, {1, 10, 5, 20}};
  const std::vector<ReferenceInput> inputs = {{&input, 0}};
  EXPECT_EQ(reference_layer(network.layers()[0], q, inputs).data,
            (std::vector<std::int8_t>{21, 95}));
}

TEST(Reference, MatrixProductByHand) {
  NetworkBuilder builder("product", {1, 2, 2});
  const Network network = [&] {
    builder.matmul("product", kNetworkInput, kNetworkInput);
    return builder.finish();
  }();
  const QuantizedTensor input{{1, 2, 2}, {1, 2, 3, 4}};
  const std::vector<ReferenceInput> inputs = {{&input, 0}, {&input, 0}};
  EXPECT_EQ(reference_layer(network.layers()[0], quarter(4), inputs).data,
            (std::vector<std::int8_t>{7, 10, 15, 22}));
}

TEST(Reference, PoolsLeavePaddingOut) {
  NetworkBuilder builder("pools", {2, 2, 1});
  builder.pool("average", OpType::kAveragePool, kNetworkInput, 3, 1);
  builder.pool("max", OpType::kMaxPool, kNetworkInput, 3, 1);
  const Network network = builder.finish();
  const QuantizedTensor input{{2, 2, 1}, {-4, -8, -6, -9}};
  const std::vector<ReferenceInput> inputs = {{&input, 0}};
  EXPECT_EQ(reference_layer(network.layers()[0], quarter(4), inputs).data,
            (std::vector<std::int8_t>(4, -7)));  // -27 / 4
  EXPECT_EQ(reference_layer(network.layers()[1], quarter(4), inputs).data,
            (std::vector<std::int8_t>(4, -4)));
}

TEST(RandomQuantization, ActivationsNeitherVanishNorSaturate) {
  for (const char* name : {"mobilenetv2_1.0_96", "mobilenetv3_small_1.0_224"}) {
    const Network network = find_network(name);
    const QuantizedNetwork quantized = random_quantization(network, 5);
    const QuantizedTensor input = random_input(network, 5);
    std::vector<QuantizedTensor> outputs;
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      const Layer& layer = network.layers()[i];
      std::vector<ReferenceInput> inputs;
      for (const int from : layer.inputs) {
        inputs.push_back({from < 0 ? &input : &outputs[static_cast<std::size_t>(from)],
                          quantized.zero_point_of(from)});
      }
      outputs.push_back(reference_layer(layer, quantized.layers[i], inputs));
      const std::vector<std::int8_t>& data = outputs.back().data;
      const auto at_ends =
          std::count(data.begin(), data.end(), 127) + std::count(data.begin(), data.end(), -128);
      EXPECT_GE(std::set<std::int8_t>(data.begin(), data.end()).size(),
                std::min<std::size_t>(12, data.size() / 4 + 1))
          << name << " " << layer.name;
      if (is_table_activation(layer.activation)) continue;  // their ends are where gates close
      EXPECT_LT(static_cast<double>(at_ends), 0.15 * static_cast<double>(data.size()) + 1)
          << name << " " << layer.name;
    }
  }
}

TEST(RandomQuantization, IsAFunctionOfTheSeed) {
  const Network network = find_network("mobilenetv2_0.35_96");
  const QuantizedTensor input = random_input(network, 1);
  const auto output = [&](std::uint64_t seed) {
    return reference_output(network, random_quantization(network, seed), input);
  };
  EXPECT_EQ(output(1), output(1));
  EXPECT_NE(output(1), output(2));
  EXPECT_NE(random_input(network, 1), random_input(network, 2));
}

TEST(RandomQuantization, RefusesSumsThatCouldOverflow) {
  NetworkBuilder builder("long", {20, 20, 200});
  builder.fully_connected("fc", kNetworkInput, 4, Activation::kNone);
  EXPECT_THROW(random_quantization(builder.finish(), 0), InputError);
}

}  // namespace
}  // namespace dovetail
