#include "models/network/blocks/network_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

std::vector<std::string> names(const Network& network) {
  std::vector<std::string> result;
  for (const Layer& layer : network.layers()) result.push_back(layer.name);
  return result;
}

TEST(NetworkBuilder, SamePaddingGivesCeilOfSizeOverStride) {
  for (int size = 1; size <= 33; ++size) {
    for (const int kernel : {1, 2, 3, 5, 7}) {
      for (const int stride : {1, 2, 3}) {
        NetworkBuilder builder("net", {size, size + 3, 4});
        const int conv = builder.conv("conv", kNetworkInput, 8, kernel, stride, Activation::kRelu);
        builder.pool("max", OpType::kMaxPool, kNetworkInput, kernel, stride);
        EXPECT_EQ(builder.shape_of(conv).height, (size + stride - 1) / stride);
        EXPECT_EQ(builder.shape_of(conv).width, (size + 3 + stride - 1) / stride);
        const Network network = builder.finish();  // which checks the shapes against the padding
        for (const Layer& layer : network.layers()) {
          EXPECT_LT(layer.pad_top + layer.pad_bottom, std::max(kernel, 2));
          EXPECT_TRUE(layer.pad_bottom == layer.pad_top || layer.pad_bottom == layer.pad_top + 1);
          EXPECT_TRUE(layer.pad_right == layer.pad_left || layer.pad_right == layer.pad_left + 1);
        }
      }
    }
  }
}

TEST(NetworkBuilder, PadsAsTensorFlowAtEvenSizes) {
  NetworkBuilder builder("net", {224, 225, 3});
  builder.conv("conv", kNetworkInput, 8, 3, 2, Activation::kRelu);
  const Layer layer = builder.finish().layers()[0];
  EXPECT_EQ(layer.pad_top, 0);  // 112 outputs reach over 225 rows
  EXPECT_EQ(layer.pad_bottom, 1);
  EXPECT_EQ(layer.pad_left, 1);  // 113 outputs reach over 227 columns
  EXPECT_EQ(layer.pad_right, 1);
}

TEST(NetworkBuilder, InvertedResidualWithSqueezeExcite) {
  NetworkBuilder builder("net", {14, 14, 40});
  builder.begin_block("blocks.3");
  const SqueezeExcite se{24, Activation::kSwish, Activation::kSigmoid};
  const int out = builder.mbconv(
      kNetworkInput,
      {.channels = 40, .hidden = 120, .kernel = 5, .activation = Activation::kSwish, .se = se});
  EXPECT_EQ(builder.shape_of(out), (TensorShape{14, 14, 40}));
  const Network network = builder.finish();
  EXPECT_EQ(names(network),
            (std::vector<std::string>{"blocks.3.expand", "blocks.3.dw", "blocks.3.se.pool",
                                      "blocks.3.se.reduce", "blocks.3.se.expand",
                                      "blocks.3.se.scale", "blocks.3.project", "blocks.3.add"}));
  const auto& layers = network.layers();
  for (const Layer& layer : layers) EXPECT_EQ(layer.block, "blocks.3");
  EXPECT_TRUE(layers[1].is_depthwise());
  EXPECT_EQ(layers[2].op, OpType::kGlobalAveragePool);
  EXPECT_EQ(layers[3].activation, Activation::kSwish);
  EXPECT_EQ(layers[3].output.channels, 24);
  EXPECT_EQ(layers[4].activation, Activation::kSigmoid);
  EXPECT_TRUE(layers[4].has_bias);
  EXPECT_EQ(layers[5].inputs, (std::vector<int>{1, 4}));
  EXPECT_EQ(layers[6].activation, Activation::kNone);
  EXPECT_EQ(layers[7].inputs, (std::vector<int>{6, kNetworkInput}));
}

TEST(NetworkBuilder, ExpandAndResidualOnlyWhereTheyBelong) {
  const auto block = [](int channels, int hidden, int stride, bool always, bool skip) {
    NetworkBuilder builder("net", {8, 8, 16});
    builder.mbconv(kNetworkInput, {.channels = channels,
                                   .hidden = hidden,
                                   .kernel = 3,
                                   .stride = stride,
                                   .activation = Activation::kRelu,
                                   .always_expand = always,
                                   .skip = skip});
    return names(builder.finish());
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(block(16, 16, 1, false, true), (Names{"dw", "project", "add"}));
  EXPECT_EQ(block(16, 16, 1, true, true), (Names{"expand", "dw", "project", "add"}));
  EXPECT_EQ(block(16, 96, 2, false, true), (Names{"expand", "dw", "project"}));
  EXPECT_EQ(block(24, 96, 1, false, true), (Names{"expand", "dw", "project"}));
  EXPECT_EQ(block(16, 96, 1, false, false), (Names{"expand", "dw", "project"}));
}

TEST(NetworkBuilder, FusedBlock) {
  NetworkBuilder builder("net", {8, 8, 16});
  const int out =
      builder.fused_mbconv(kNetworkInput, {.channels = 16, .hidden = 64, .kernel = 3, .groups = 4});
  EXPECT_EQ(builder.shape_of(out), (TensorShape{8, 8, 16}));
  const Network network = builder.finish();
  EXPECT_EQ(names(network), (std::vector<std::string>{"fused", "project", "add"}));
  EXPECT_EQ(network.layers()[0].weight_count(), 9 * (16 / 4) * 64);
}

TEST(NetworkBuilder, SamePaddingOfDilatedConvolutions) {
  for (const int size : {1, 7, 32}) {
    for (const int stride : {1, 2}) {
      NetworkBuilder builder("net", {size, size, 4});
      builder.conv("conv", kNetworkInput, 8, 3, stride, Activation::kRelu, 1, false, true, 4);
      builder.depthwise("dw", 0, 5, stride, Activation::kRelu, 2);
      const Network network = builder.finish();  // which checks the shapes against the padding
      const Layer& layer = network.layers()[0];
      EXPECT_EQ(layer.output.height, (size + stride - 1) / stride);
      EXPECT_EQ(layer.dilation_h, 4);
      EXPECT_EQ(layer.weight_count(), 3 * 3 * 4 * 8);
      EXPECT_EQ(network.layers()[1].dilation_w, 2);
      if (stride == 1) {
        EXPECT_EQ(layer.pad_top, 4);
        EXPECT_EQ(layer.pad_bottom, 4);
      }
    }
  }
}

TEST(NetworkBuilder, BasicBlock) {
  const BlockSpec wide = {
      .channels = 32, .kernel = 3, .stride = 2, .activation = Activation::kRelu};
  BlockSpec same = wide;
  same.stride = 1;
  NetworkBuilder builder("net", {9, 9, 16});
  builder.begin_block("blocks.0");
  const int first = builder.basic_block(kNetworkInput, wide);
  builder.begin_block("blocks.1");
  builder.basic_block(first, same);
  const Network network = builder.finish();
  EXPECT_EQ(names(network),
            (std::vector<std::string>{"blocks.0.conv1", "blocks.0.conv2", "blocks.0.shortcut",
                                      "blocks.0.add", "blocks.1.conv1", "blocks.1.conv2",
                                      "blocks.1.add"}));
  const auto& layers = network.layers();
  EXPECT_EQ(layers[0].stride_h, 2);
  EXPECT_EQ(layers[1].stride_h, 1);
  EXPECT_EQ(layers[0].activation, Activation::kRelu);
  EXPECT_EQ(layers[1].activation, Activation::kNone);
  EXPECT_EQ(layers[2].kernel_h, 1);
  EXPECT_EQ(layers[2].stride_h, 2);
  EXPECT_EQ(layers[2].activation, Activation::kNone);
  EXPECT_EQ(layers[3].inputs, (std::vector<int>{1, 2}));
  EXPECT_EQ(layers[3].activation, Activation::kRelu);
  EXPECT_EQ(layers[3].output, (TensorShape{5, 5, 32}));
  EXPECT_EQ(layers[6].inputs, (std::vector<int>{5, 3}));
}

TEST(NetworkBuilder, Bottleneck) {
  NetworkBuilder builder("net", {8, 8, 16});
  const int out = builder.bottleneck(kNetworkInput, {.channels = 64,
                                                     .hidden = 32,
                                                     .kernel = 3,
                                                     .stride = 2,
                                                     .dilation = 2,
                                                     .groups = 8,
                                                     .activation = Activation::kRelu});
  EXPECT_EQ(builder.shape_of(out), (TensorShape{4, 4, 64}));
  const Network network = builder.finish();
  EXPECT_EQ(names(network),
            (std::vector<std::string>{"reduce", "conv", "expand", "shortcut", "add"}));
  const auto& layers = network.layers();
  EXPECT_EQ(layers[0].stride_h, 1);  // v1.5
  EXPECT_EQ(layers[1].stride_h, 2);
  EXPECT_EQ(layers[1].dilation_h, 2);
  EXPECT_EQ(layers[1].weight_count(), 9 * (32 / 8) * 32);
  EXPECT_EQ(layers[2].activation, Activation::kNone);
  EXPECT_EQ(layers[4].activation, Activation::kRelu);
  EXPECT_EQ(network.parameters(),
            (16 * 32 + 2 * 32) + (9 * 4 * 32 + 2 * 32) + (32 * 64 + 2 * 64) + (16 * 64 + 2 * 64));
}

TEST(NetworkBuilder, ConcatJoinsChannels) {
  NetworkBuilder builder("net", {8, 8, 3});
  const int a = builder.conv("a", kNetworkInput, 4, 3, 1, Activation::kRelu);
  const int b = builder.conv("b", kNetworkInput, 5, 3, 1, Activation::kRelu);
  const std::vector<int> inputs = {a, b, kNetworkInput, a};
  const int joined = builder.concat("joined", inputs);
  EXPECT_EQ(builder.shape_of(joined), (TensorShape{8, 8, 16}));
  const Network network = builder.finish();
  const Layer& layer = network.layers()[2];
  EXPECT_EQ(layer.inputs, inputs);
  EXPECT_EQ(layer.macs() + layer.parameter_count() + layer.weight_bytes(), 0);
  EXPECT_EQ(network.last_reader()[0], joined);
}

TEST(NetworkBuilder, MatMulCountsItsProducts) {
  NetworkBuilder builder("net", {3, 4, 6});  // 12 positions
  const int scores = builder.conv("scores", kNetworkInput, 12, 1, 1, Activation::kNone);
  const int values = builder.conv("values", kNetworkInput, 5, 1, 1, Activation::kNone);
  const int product = builder.matmul("product", scores, values);  // [12 x 12] times [12 x 5]
  EXPECT_EQ(builder.shape_of(product), (TensorShape{3, 4, 5}));
  const Network network = builder.finish();
  const Layer& layer = network.layers()[2];
  EXPECT_EQ(layer.macs(), 12 * 12 * 5);
  EXPECT_EQ(layer.parameter_count() + layer.weight_bytes(), 0);
  EXPECT_FALSE(layer.has_weights());
  EXPECT_EQ(network.macs(), 12 * 6 * 12 + 12 * 6 * 5 + 12 * 12 * 5);
}

TEST(NetworkBuilder, RoundsChannelsAsMobileNets) {
  EXPECT_EQ(round_channels(16), 16);
  EXPECT_EQ(round_channels(19.9), 24);  // 16 is below 0.9 of it
  EXPECT_EQ(round_channels(17), 16);
  EXPECT_EQ(round_channels(18), 24);
  EXPECT_EQ(round_channels(3), 8);
  EXPECT_EQ(round_channels(20), 24);
  EXPECT_EQ(round_channels(30), 32);
  EXPECT_EQ(round_channels(72 / 4.0), 24);  // MobileNetV3's first squeeze width
  EXPECT_EQ(round_channels(10.4, 1), 10);
  EXPECT_EQ(round_channels(0.2, 1), 1);
}

}  // namespace
}  // namespace dovetail
