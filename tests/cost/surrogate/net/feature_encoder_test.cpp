#include "cost/surrogate/net/feature_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

std::vector<float> encode(const Choices& network, const Choices& hardware) {
  const FeatureEncoder encoder(synthetic_network_space(), synthetic_hardware_space());
  std::vector<float> inputs(encoder.width(), -7);
  encoder.encode(network, hardware, inputs.data());
  return inputs;
}

TEST(FeatureEncoder, Layout) {
  // 3 depths + 4 slots x (3 widths + 2 kernels), 5 + 4 + 5 hardware choices, 3 scaled values
  const Choices network = {2, 0, 1, 1, 0, 2, 1, 0, 0}, hardware = {0, 3, 2};
  const std::vector<float> inputs = encode(network, hardware);
  ASSERT_EQ(inputs.size(), 3U + 4 * 5 + 14 + 3);
  const std::vector<float> expected = {
      0, 0, 1,                                                     // depth 4
      1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0,  // width, kernel of each slot
      1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0};  // units 4, memory 8, bandwidth 15
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(inputs[i], expected[i]) << i;
  EXPECT_FLOAT_EQ(inputs[37], -1);
  EXPECT_FLOAT_EQ(inputs[38], 1);
  const double middle = (std::log(5.0) + std::log(25.0)) / 2, half = std::log(5.0) / 2;
  EXPECT_NEAR(inputs[39], (std::log(15.0) - middle) / half, 1e-6);
}

// A parameter that is a choice among names: an input for each name, and none for a value.
TEST(FeatureEncoder, AChoiceAmongNamesHasNoScaledValue) {
  SpaceDescription networks, hardware;
  networks.decisions = DecisionSpace({{"kernel", "", {"3", "5"}, {3, 5}}});
  hardware.decisions =
      DecisionSpace({{"weights", "", {"auto", "streamed"}, {}}, {"pes_x", "", {"1", "2"}, {1, 2}}});
  const FeatureEncoder encoder(networks, hardware);
  ASSERT_EQ(encoder.width(), 2U + 2 + 2 + 1);
  std::vector<float> inputs(encoder.width(), -7);
  encoder.encode({1}, {1, 0}, inputs.data());
  EXPECT_EQ(inputs, (std::vector<float>{0, 1, 0, 1, 1, 0, -1}));
  EXPECT_EQ(encoder.decode(inputs.data()), (std::pair<Choices, Choices>{{1}, {1, 0}}));
}

TEST(FeatureEncoder, DecisionsWithoutEffectAreAllZero) {
  // At depth 2 the slots 2 and 3 are unused: their choices must not show.
  const Choices hardware = {1, 1, 1};
  EXPECT_EQ(encode({0, 1, 1, 2, 0, 0, 0, 0, 0}, hardware),
            encode({0, 1, 1, 2, 0, 2, 1, 1, 1}, hardware));
  EXPECT_NE(encode({1, 1, 1, 2, 0, 0, 0, 0, 0}, hardware),
            encode({1, 1, 1, 2, 0, 2, 0, 0, 0}, hardware));
  const std::vector<float> inputs = encode({0, 1, 1, 2, 0, 2, 1, 1, 1}, hardware);
  EXPECT_EQ(std::accumulate(inputs.begin() + 13, inputs.begin() + 23, 0.0F), 0);
}

TEST(FeatureEncoder, InputsGiveBackWhatHasAnEffect) {
  const SpaceDescription networks = synthetic_network_space(),
                         hardware = synthetic_hardware_space();
  const FeatureEncoder encoder(networks, hardware);
  int without_effect = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Rng rng(7, i);
    const Choices network = networks.decisions.sample(rng);
    const Choices accelerator = hardware.decisions.sample(rng);
    const std::vector<float> inputs = encode(network, accelerator);
    const auto [decoded_network, decoded_accelerator] = encoder.decode(inputs.data());
    EXPECT_EQ(decoded_accelerator, accelerator);
    EXPECT_EQ(encode(decoded_network, decoded_accelerator), inputs);
    for (std::size_t d = 0; d < network.size(); ++d) {
      if (decoded_network[d] == network[d]) continue;
      EXPECT_EQ(decoded_network[d], 0);
      ++without_effect;
    }
  }
  EXPECT_GT(without_effect, 0);
}

}  // namespace
}  // namespace dovetail
