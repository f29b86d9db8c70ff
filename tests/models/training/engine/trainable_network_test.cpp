#include "models/training/engine/trainable_network.h"

#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/yaml.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/zoo.h"
#include "models/training/weights/float_inference.h"
#include "models/training/weights/initial_weights.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

/// A network of these block lines for images of 9 x 10 pixels and 3 channels.
Network network_of(const std::vector<std::string>& lines) {
  std::string text =
      "schema: dovetail.network/1\nname: tested\ninput: {height: 9, width: 10, channels: 3}\n"
      "blocks:\n";
  for (const std::string& line : lines) text += "  - " + line + "\n";
  return read_network(YamlNode::parse(text, "tested.yaml"));
}

/// Weights of which none is as it is at the start.
NetworkWeights lively_weights(const Network& network, std::uint64_t seed) {
  NetworkWeights weights = initial_weights(network, seed);
  Rng rng(seed, 1000);
  for (const ParameterSpec& parameter : network_parameters(network)) {
    if (parameter.kind == ParameterKind::kWeight) continue;
    for (float& value : weights[parameter.name]) {
      const bool positive =
          parameter.kind == ParameterKind::kVariance || parameter.kind == ParameterKind::kScale;
      value = static_cast<float>(positive ? 0.5 + rng.uniform() : 0.3 * rng.normal());
    }
  }
  return weights;
}

at::Tensor some_images(const Network& network, std::int64_t count, at::ScalarType type) {
  const TensorShape& in = network.input();
  at::Tensor images =
      at::zeros({count, in.height, in.width, in.channels}, at::TensorOptions(at::kDouble));
  Rng rng(5);
  double* values = images.data_ptr<double>();
  for (std::int64_t i = 0; i < images.numel(); ++i) values[i] = rng.normal();
  return images.to(type).permute({0, 3, 1, 2});
}

std::vector<double> reference_output(const Network& network, const NetworkWeights& weights,
                                     const at::Tensor& images, std::int64_t image) {
  const at::Tensor values =
      images.permute({0, 2, 3, 1}).select(0, image).contiguous().to(at::kFloat);
  FloatTensor input{network.input(), {}};
  input.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  const FloatTensor out = FloatInference(network, weights).run(input).back();
  std::vector<double> expected;  // as the trained network flattens: channel by channel
  for (int c = 0; c < out.shape.channels; ++c) {
    for (int y = 0; y < out.shape.height; ++y) {
      for (int x = 0; x < out.shape.width; ++x) expected.push_back(out.at(y, x, c));
    }
  }
  return expected;
}

struct Case {
  std::string name;
  std::vector<std::string> lines;
};
void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

/// Every kind of block, option that changes what is computed, and activation.
std::vector<Case> cases() {
  const std::vector<std::string> tail = {"pool", "fc c=4"};
  const auto with_tail = [&](std::vector<std::string> lines) {
    lines.insert(lines.end(), tail.begin(), tail.end());
    return lines;
  };
  std::vector<Case> all = {
      {"conv_stride", with_tail({"conv k=3 s=2 c=8 act=relu"})},
      {"conv_dilated_grouped_biased", with_tail({"conv k=3 d=2 g=3 c=6 act=relu bias=yes bn=no"})},
      {"depthwise", with_tail({"dw k=5 s=2 act=relu6"})},
      {"separable_se", with_tail({"ds k=3 c=8 act=relu se=0.5"})},
      {"inverted_residual",
       with_tail({"conv c=8 act=relu", "mb k=5 e=3 c=8 act=relu se=0.25 se_gate=hsigmoid"})},
      {"inverted_residual_stride", with_tail({"mb k=3 s=2 e=4 e_round=1 c=5 act=hswish"})},
      {"fused_grouped", with_tail({"conv c=8 act=relu", "fused k=3 e=2 c=8 g=2 act=swish"})},
      {"basic", with_tail({"basic c=6 s=2 act=relu", "basic c=6 act=relu"})},
      {"bottleneck", with_tail({"bottleneck c=8 h=4 s=2 g=2 act=relu"})},
      {"average_pool", with_tail({"avgpool k=3 s=2", "conv c=4 act=relu"})},
      {"max_pool", with_tail({"maxpool k=3 s=2", "conv c=4 act=relu"})},
      {"even_pool", with_tail({"maxpool k=2 s=2", "avgpool k=2"})},
      {"flattened", {"conv k=3 s=2 c=4 act=relu", "fc c=6 flatten=yes act=relu", "fc c=3 bias=no"}},
  };
  for (const char* activation :
       {"none", "relu", "relu6", "swish", "hswish", "sigmoid", "hsigmoid"}) {
    all.push_back({std::string("activation_") + activation,
                   with_tail({std::string("conv k=3 c=4 act=") + activation})});
  }
  return all;
}

class TrainableNetworkTest : public testing::TestWithParam<Case> {};

TEST_P(TrainableNetworkTest, ForwardPassEqualsThePlainReference) {
  const Network network = network_of(GetParam().lines);
  const NetworkWeights weights = lively_weights(network, 3);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    TrainableNetwork trained(network, at::kCPU, type);
    trained.set_weights(weights);
    const at::Tensor images = some_images(network, 2, type);
    const at::Tensor outputs = trained.forward(images, false).detach().to(at::kDouble).contiguous();
    for (std::int64_t image = 0; image < 2; ++image) {
      const std::vector<double> expected = reference_output(network, weights, images, image);
      ASSERT_EQ(outputs.size(1), static_cast<std::int64_t>(expected.size()));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(outputs[image][static_cast<std::int64_t>(i)].item<double>(), expected[i],
                    2e-5 * std::max(1.0, std::abs(expected[i])));
      }
    }
  }
}

/// A loss that weighs the outputs of a batch, batch normalisation going by the batch.
at::Tensor weighed(const TrainableNetwork& network, const at::Tensor& images) {
  const at::Tensor outputs = network.forward(images, true);
  const at::Tensor weights =
      at::arange(1, outputs.numel() + 1, outputs.options()).view(outputs.sizes());
  return (outputs * at::sin(weights)).sum();
}

TEST_P(TrainableNetworkTest, GradientsAreThoseOfFiniteDifferences) {
  const Network network = network_of(GetParam().lines);
  TrainableNetwork trained(network, at::kCPU, at::kDouble);
  trained.set_weights(lively_weights(network, 4));
  const at::Tensor images = some_images(network, 6, at::kDouble);
  weighed(trained, images).backward();
  const at::Tensor gradients = trained.gradients().clone();
  const at::NoGradGuard no_gradients;
  const at::Tensor& parameters = trained.parameters();
  constexpr double kStep = 1e-6;
  double largest = 0;
  const std::int64_t stride = std::max<std::int64_t>(1, parameters.numel() / 60);
  for (std::int64_t i = 0; i < parameters.numel(); i += stride) {
    at::Tensor number = parameters[i];
    number.add_(kStep);
    const double above = weighed(trained, images).item<double>();
    number.sub_(2 * kStep);
    const double below = weighed(trained, images).item<double>();
    number.add_(kStep);
    const double expected = (above - below) / (2 * kStep);
    EXPECT_NEAR(gradients[i].item<double>(), expected, 1e-5 * std::max(1.0, std::abs(expected)))
        << "number " << i;
    largest = std::max(largest, std::abs(expected));
  }
  EXPECT_GT(largest, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Blocks, TrainableNetworkTest, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST(TrainableNetworkWeightsTest, AreGivenBackAsTheyWereSet) {
  const Network network =
      network_of({"conv k=3 c=8 act=relu", "mb k=3 e=2 c=8 act=relu se=0.5", "pool", "fc c=4"});
  TrainableNetwork trained(network, at::kCPU);
  const NetworkWeights weights = lively_weights(network, 9);
  trained.set_weights(weights);
  EXPECT_EQ(trained.weights(), weights);
  EXPECT_EQ(trained.parameters().numel() + trained.statistics().numel(),
            network.parameters() + trained.statistics().numel());
}

TEST(TrainableNetworkWeightsTest, NetworksOfTheZooCanBeTrainedOrSayWhyNot) {
  for (const char* name :
       {"mobilenetv3_small_1.0_224", "efficientnet_b0_224", "resnet_50", "vgg_16"}) {
    EXPECT_NO_THROW(network_parameters(find_network(name))) << name;
  }
  Layer reorder;
  reorder.name = "turn";
  reorder.op = OpType::kReorder;
  reorder.inputs = {kNetworkInput};
  reorder.input = reorder.output = {4, 4, 8};
  const Network shuffled("shuffled", {4, 4, 8}, {reorder});
  EXPECT_THAT(message_of<InputError>([&] { network_parameters(shuffled); }),
              testing::HasSubstr("layer 'turn': reorder cannot be trained"));
}

}  // namespace
}  // namespace dovetail
