#include "cost/surrogate/net/packed_mlp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace dovetail {
namespace {

/// Mostly zeros and ones, as encoded choices are.
std::vector<float> random_inputs(std::size_t count, Rng& rng) {
  std::vector<float> values(count);
  for (float& v : values) {
    const double draw = rng.uniform();
    v = draw < 0.6 ? 0.0F : draw < 0.9 ? 1.0F : static_cast<float>(rng.normal());
  }
  return values;
}

Mlp<float> random_network(const MlpShape& shape, Rng& rng) {
  Mlp<float> network(shape);
  network.initialize(rng);
  for (float& p : network.parameters()) p += static_cast<float>(0.1 * rng.normal());
  return network;
}

/// Shapes below, at and above the widths of vectors and panels.
const MlpShape kShapes[] = {{5, {7, 6}, 2},
                            {175, {256, 256, 256}, 3},
                            {33, {16, 100, 32}, 1},
                            {40, {300, 17}, 3},
                            {12, {}, 4},
                            {9, {64}, 3}};

TEST(PackedMlp, PredictsAsTheNetworkDoes) {
  Rng rng(1);
  for (const MlpShape& shape : kShapes) {
    Mlp<float> network = random_network(shape, rng);
    const PackedMlp packed(network);
    ASSERT_EQ(packed.outputs(), shape.outputs);
    for (const std::size_t rows : {1, 2, 11, 12, 13, 97, 250}) {
      const auto inputs = random_inputs(rows * shape.inputs, rng);
      const auto expected = network.forward(inputs, rows, 0, rng);
      std::vector<float> outputs;
      packed.predict(inputs, rows, outputs);
      ASSERT_EQ(outputs.size(), expected.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        ASSERT_NEAR(outputs[i], expected[i], 2e-4) << shape.inputs << " inputs, row " << i;
      }
    }
  }
}

TEST(PackedMlp, OutputsOfARowDoNotDependOnItsNeighbours) {
  Rng rng(2);
  for (const MlpShape& shape : kShapes) {
    const PackedMlp packed(random_network(shape, rng));
    constexpr std::size_t kRows = 211;
    const auto inputs = random_inputs(kRows * shape.inputs, rng);
    std::vector<float> together, some;
    packed.predict(inputs, kRows, together);
    for (const std::size_t size : {1, 3, 4, 12, 100}) {
      for (std::size_t begin = 0; begin + size <= kRows; begin += size) {
        packed.predict(std::span(inputs).subspan(begin * shape.inputs, size * shape.inputs), size,
                       some);
        ASSERT_TRUE(
            std::equal(some.begin(), some.end(),
                       together.begin() + static_cast<std::ptrdiff_t>(begin * shape.outputs)))
            << size << " rows from " << begin;
      }
    }
  }
}

TEST(PackedMlp, SkipsAddWhatEarlierUnitsGive) {
  // hidden 1 = relu(x) of two units, hidden 2 = their sum; output = hidden 2 - 1, and skips.
  Mlp<float> network({2, {2, 1}, 1});
  const std::vector<float> parameters = {1, 0, 0, 1, 0, 0, /**/ 1, 1, 0, /**/ 1, -1};
  std::copy(parameters.begin(), parameters.end(), network.parameters().begin());
  const std::vector<float> skips = {10, 100}, inputs = {3, 4, -5, 2};
  std::vector<float> outputs;
  PackedMlp(network).predict(inputs, 2, outputs);
  EXPECT_EQ(outputs, (std::vector<float>{6, 1}));
  PackedMlp(network, skips).predict(inputs, 2, outputs);
  EXPECT_EQ(outputs, (std::vector<float>{6 + 30 + 400, 1 + 200}));
  EXPECT_THROW(PackedMlp(network, std::vector<float>(3)), std::invalid_argument);
  EXPECT_THROW(PackedMlp(network).predict(inputs, 3, outputs), std::invalid_argument);
}

}  // namespace
}  // namespace dovetail
