#include "models/network/network_builder.h"

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
  const int out = builder.mbconv(kNetworkInput, 40, 120, 5, 1, Activation::kSwish, se);
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
    builder.mbconv(kNetworkInput, channels, hidden, 3, stride, Activation::kRelu, {}, always, skip);
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
  const int out = builder.fused_mbconv(kNetworkInput, 16, 64, 3, 1, Activation::kRelu, {}, 4);
  EXPECT_EQ(builder.shape_of(out), (TensorShape{8, 8, 16}));
  const Network network = builder.finish();
  EXPECT_EQ(names(network), (std::vector<std::string>{"fused", "project", "add"}));
  EXPECT_EQ(network.layers()[0].weight_count(), 9 * (16 / 4) * 64);
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
