#include "sim/functional/post_training_quantization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/zoo.h"
#include "models/training/weights/initial_weights.h"
#include "sim/functional/reference.h"
#include "sim/simulator.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

Network network_of(const std::vector<std::string>& lines) {
  std::string text =
      "schema: dovetail.network/1\nname: tested\ninput: {height: 12, width: 10, channels: 3}\n"
      "blocks:\n";
  for (const std::string& line : lines) text += "  - " + line + "\n";
  return read_network(YamlNode::parse(text, "tested.yaml"));
}

/// As of a trained network: batch normalisation that shifts and scales.
NetworkWeights trained_weights(const Network& network) {
  NetworkWeights weights = initial_weights(network, 7);
  Rng rng(7, 1000);
  for (const ParameterSpec& parameter : network_parameters(network)) {
    if (parameter.kind == ParameterKind::kWeight) continue;
    const bool positive =
        parameter.kind == ParameterKind::kVariance || parameter.kind == ParameterKind::kScale;
    for (float& value : weights[parameter.name]) {
      value = static_cast<float>(positive ? 0.5 + rng.uniform() : 0.3 * rng.normal());
    }
  }
  return weights;
}

std::vector<FloatTensor> some_images(const Network& network, std::size_t count) {
  std::vector<FloatTensor> images;
  Rng rng(3);
  for (std::size_t i = 0; i < count; ++i) {
    FloatTensor image{network.input(), {}};
    for (std::int64_t k = 0; k < network.input().elements(); ++k) {
      image.values.push_back(static_cast<float>(rng.normal()));
    }
    images.push_back(std::move(image));
  }
  return images;
}

struct Case {
  std::string name;
  std::vector<std::string> lines;
};
void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

class PostTrainingQuantizationTest : public testing::TestWithParam<Case> {};

/// Root of the summed squares of what int8 says wrongly of 12 images, of those of the outputs.
double relative_error(const std::vector<std::string>& lines, ScaleRule rule) {
  const Network network = network_of(lines);
  const NetworkWeights weights = trained_weights(network);
  const std::vector<FloatTensor> images = some_images(network, 12);
  const ActivationRanges ranges = measure_ranges(network, weights, images);
  const TrainedInt8 int8 = quantize_trained(network, weights, ranges, rule);
  const FloatInference inference(network, weights);
  const TensorScale out_scale = int8.scales.back().behind;
  double wrong = 0, all = 0;
  for (const FloatTensor& image : images) {
    const FloatTensor expected = inference.run(image).back();
    const QuantizedTensor found = reference_output(network, int8.network, int8.quantize(image));
    EXPECT_EQ(found.data.size(), expected.values.size());
    for (std::size_t i = 0; i < found.data.size(); ++i) {
      const double value = out_scale.scale * (found.data[i] - out_scale.zero_point);
      wrong += (value - expected.values[i]) * (value - expected.values[i]);
      all += expected.values[i] * expected.values[i];
    }
  }
  EXPECT_GT(all, 0);
  return std::sqrt(wrong / all);
}

TEST_P(PostTrainingQuantizationTest, SaysNearlyWhatTheNetworkSays) {
  EXPECT_LT(relative_error(GetParam().lines, ScaleRule::kFitted), 0.08);
  EXPECT_LT(relative_error(GetParam().lines, ScaleRule::kPowersOfTwo), 0.16);
}

TEST_P(PostTrainingQuantizationTest, RunsOnTheAcceleratorBitForBit) {
  const Network network = network_of(GetParam().lines);
  const NetworkWeights weights = trained_weights(network);
  const std::vector<FloatTensor> images = some_images(network, 2);
  const TrainedInt8 int8 =
      quantize_trained(network, weights, measure_ranges(network, weights, images));
  const AcceleratorConfig accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", "tiny_edge_baseline"));
  Simulator simulator{SimulatorOptions{}};
  for (const FloatTensor& image : images) {
    const QuantizedTensor input = int8.quantize(image);
    const FunctionalResult result =
        simulator.run_functional(network, accelerator, int8.network, input);
    ASSERT_TRUE(result.timing.feasible()) << result.timing.reason_text;
    EXPECT_TRUE(result.counts.sound());
    EXPECT_TRUE(result.output == reference_output(network, int8.network, input));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, PostTrainingQuantizationTest,
    testing::Values(
        Case{"inverted_residuals",
             {"conv k=3 s=2 c=8 act=relu", "mb k=5 e=3 c=8 act=relu6",
              "mb k=3 s=2 e=3 c=16 act=relu", "pool", "fc c=10"}},
        Case{"squeeze_and_excite",
             {"conv k=3 s=2 c=8 act=hswish", "mb k=3 e=2 c=8 act=hswish se=0.5 se_gate=hsigmoid",
              "pool", "fc c=10"}},
        Case{"swish", {"conv k=3 c=8 act=swish", "ds k=3 c=8 act=swish se=0.5", "pool", "fc c=10"}},
        Case{"resnet",
             {"conv k=3 s=2 c=8 act=relu", "basic c=8 act=relu", "bottleneck c=16 h=8 s=2 act=relu",
              "pool", "fc c=10"}},
        Case{"pools",
             {"maxpool k=3 s=2", "conv k=1 c=8 act=relu", "avgpool k=2 s=2", "pool", "fc c=10"}},
        Case{"flattened",
             {"conv k=3 s=2 c=6 act=relu bias=yes bn=no", "fc c=12 flatten=yes act=relu",
              "fc c=4"}}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(PostTrainingQuantizationTest, PowersOfTwoLoseAtMostABit) {
  const Network network = network_of(GetParam().lines);
  const NetworkWeights weights = trained_weights(network);
  const ActivationRanges ranges = measure_ranges(network, weights, some_images(network, 12));
  const TrainedInt8 fitted = quantize_trained(network, weights, ranges);
  const TrainedInt8 coarse = quantize_trained(network, weights, ranges, ScaleRule::kPowersOfTwo);
  const auto expect_next = [](double scale, double fit) {
    int exponent = 0;
    EXPECT_EQ(std::frexp(scale, &exponent), 0.5);
    EXPECT_GE(scale, fit);
    EXPECT_LT(scale, 2 * fit);
  };
  expect_next(coarse.input.scale, fitted.input.scale);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    expect_next(coarse.scales[i].before.scale, fitted.scales[i].before.scale);
    expect_next(coarse.scales[i].behind.scale, fitted.scales[i].behind.scale);
    for (std::size_t c = 0; c < coarse.scales[i].weights.size(); ++c) {
      expect_next(coarse.scales[i].weights[c], fitted.scales[i].weights[c]);
    }
    for (const std::int32_t multiplier : coarse.network.layers[i].multipliers) {
      EXPECT_EQ(multiplier & (multiplier - 1), 0) << network.layers()[i].name;
    }
  }
}

TEST(TensorScaleTest, ZeroIsExactAndTheRangeIsCovered) {
  for (const auto& [low, high] :
       std::vector<std::pair<float, float>>{{0, 6}, {-1, 1}, {-3, 0}, {0, 0}, {-0.81F, 2.02F}}) {
    const TensorScale scale = TensorScale::of({low, high});
    EXPECT_EQ(scale.quantize(0), scale.zero_point);
    EXPECT_NEAR(scale.scale * (scale.quantize(high) - scale.zero_point), high,
                0.51 * scale.scale + 1e-6);
    EXPECT_NEAR(scale.scale * (scale.quantize(low) - scale.zero_point), low,
                0.51 * scale.scale + 1e-6);
  }
}

TEST(TensorScaleTest, ARangeThatFitsAPowerOfTwoKeepsIt) {
  EXPECT_EQ(TensorScale::of({0, 255.0F / 64}, ScaleRule::kPowersOfTwo).scale, 1.0 / 64);
  EXPECT_EQ(TensorScale::of({0, 256.0F / 64}, ScaleRule::kPowersOfTwo).scale, 1.0 / 32);
  EXPECT_EQ(TensorScale::of({0, 0}, ScaleRule::kPowersOfTwo).scale, 1);
}

TEST(QuantizeTrainedTest, SumsThatCouldOverflowAreRefused) {
  const Network network = read_network(YamlNode::parse(
      "schema: dovetail.network/1\nname: wide\ninput: {height: 160, width: 160, channels: 3}\n"
      "blocks: [fc c=2 flatten=yes]\n",
      "wide.yaml"));
  const NetworkWeights weights = initial_weights(network, 1);
  const auto images = some_images(network, 1);
  const ActivationRanges ranges = measure_ranges(network, weights, images);
  EXPECT_THAT(message_of<InputError>([&] { quantize_trained(network, weights, ranges); }),
              HasSubstr("layer fc: 76800 products an output could overflow int32"));
}

}  // namespace
}  // namespace dovetail
