#include "models/network/layers/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/blocks/network_builder.h"
#include "models/network/layers/operators.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

Layer convolution(const std::string& name, int input, TensorShape in, TensorShape out) {
  Layer layer;
  layer.name = name;
  layer.inputs = {input};
  layer.input = in;
  layer.output = out;
  return layer;
}

std::vector<Layer> two_layers() {
  return {convolution("a", kNetworkInput, {8, 8, 3}, {8, 8, 4}),
          convolution("b", 0, {8, 8, 4}, {8, 8, 5})};
}

std::string error_of(const std::vector<Layer>& layers) {
  return input_error([&] { Network("net", {8, 8, 3}, layers); });
}

TEST(Layer, CountsOfADenseConvolution) {
  Layer layer = convolution("a", kNetworkInput, {8, 8, 3}, {4, 4, 16});
  layer.kernel_h = layer.kernel_w = 3;
  EXPECT_EQ(layer.weight_count(), 3 * 3 * 3 * 16);
  EXPECT_EQ(layer.macs(), 3 * 3 * 3 * 16 * 4 * 4);
  EXPECT_EQ(layer.parameter_count(), 432);
  layer.has_batch_norm = true;
  EXPECT_EQ(layer.parameter_count(), 432 + 2 * 16);
  layer.has_bias = true;
  EXPECT_EQ(layer.parameter_count(), 432 + 3 * 16);
  EXPECT_EQ(layer.weight_bytes(), 432 + 8 * 16);  // whatever was folded into bias and multiplier
}

TEST(Layer, CountsOfGroupedAndDepthwiseConvolutions) {
  Layer layer = convolution("a", kNetworkInput, {8, 8, 16}, {8, 8, 32});
  layer.kernel_h = layer.kernel_w = 5;
  layer.groups = 4;
  EXPECT_EQ(layer.weight_count(), 5 * 5 * 4 * 32);
  EXPECT_FALSE(layer.is_depthwise());
  layer.groups = 16;
  EXPECT_EQ(layer.weight_count(), 5 * 5 * 32);
  EXPECT_TRUE(layer.is_depthwise());
}

TEST(Layer, FullyConnectedReadsEveryElement) {
  Layer layer = convolution("fc", kNetworkInput, {2, 3, 4}, {1, 1, 10});
  layer.op = OpType::kFullyConnected;
  EXPECT_EQ(layer.weight_count(), 2 * 3 * 4 * 10);
  EXPECT_EQ(layer.macs(), 240);
}

TEST(Layer, LayersWithoutWeightsCountNothing) {
  for (const OpType op : {OpType::kAveragePool, OpType::kMaxPool, OpType::kGlobalAveragePool,
                          OpType::kAdd, OpType::kMultiply, OpType::kActivation, OpType::kConcat}) {
    Layer layer = convolution("x", kNetworkInput, {8, 8, 3}, {8, 8, 3});
    layer.op = op;
    EXPECT_EQ(layer.macs(), 0) << to_string(op);
    EXPECT_EQ(layer.parameter_count(), 0) << to_string(op);
    EXPECT_EQ(layer.weight_bytes(), 0) << to_string(op);
  }
}

TEST(Layer, OperatorsHaveNamesAndNumbersOfInputs) {
  EXPECT_EQ(to_string(OpType::kConv2d), "conv2d");
  EXPECT_EQ(to_string(OpType::kActivation), "activation");
  EXPECT_EQ(to_string(OpType::kConcat), "concat");
  EXPECT_EQ(to_string(OpType::kMatMul), "matmul");
  EXPECT_EQ(to_string(Activation::kNone), "none");
  EXPECT_EQ(to_string(Activation::kHardSigmoid), "hsigmoid");
  EXPECT_EQ(rules_of(OpType::kConv2d).max_inputs, 1);
  EXPECT_EQ(rules_of(OpType::kMatMul).min_inputs, 2);
  EXPECT_GT(rules_of(OpType::kConcat).max_inputs, 2);
}

TEST(Network, KnowsShapesSumsAndLastReaders) {
  NetworkBuilder builder("net", {8, 8, 4});
  const int a = builder.conv("a", kNetworkInput, 4, 3, 1, Activation::kRelu);
  const int b = builder.conv("b", a, 4, 1, 1, Activation::kNone);
  const int sum = builder.add("sum", b, a);
  builder.global_average_pool("pool", sum);
  const Network network = builder.finish();
  EXPECT_EQ(network.shape_of(kNetworkInput), (TensorShape{8, 8, 4}));
  EXPECT_EQ(network.shape_of(sum), (TensorShape{8, 8, 4}));
  EXPECT_EQ(network.last_reader(), (std::vector<int>{2, 2, 3, 3}));
  std::int64_t macs = 0, parameters = 0, bytes = 0;
  for (const Layer& layer : network.layers()) {
    macs += layer.macs();
    parameters += layer.parameter_count();
    bytes += layer.weight_bytes();
  }
  EXPECT_EQ(network.macs(), macs);
  EXPECT_EQ(network.parameters(), parameters);
  EXPECT_EQ(network.weight_bytes(), bytes);
  EXPECT_EQ(macs, 64 * (9 * 16 + 16));
}

TEST(Network, RefusesGraphsThatDoNotFit) {
  EXPECT_EQ(error_of(two_layers()), "");
  EXPECT_THAT(error_of({}), HasSubstr("no layers"));

  auto layers = two_layers();
  layers[1].name = "a";
  EXPECT_THAT(error_of(layers), HasSubstr("another layer has this name"));
  layers = two_layers();
  layers[0].name = "";
  EXPECT_THAT(error_of(layers), HasSubstr("has no name"));
  layers = two_layers();
  layers[0].inputs = {1};
  EXPECT_THAT(error_of(layers), HasSubstr("layer 'a' (conv2d): reads layer 1"));
  layers = two_layers();
  layers[1].inputs = {-2};
  EXPECT_THAT(error_of(layers), HasSubstr("not before it"));
  layers = two_layers();
  layers[1].inputs = {0, 0};
  EXPECT_THAT(error_of(layers), HasSubstr("has 2 inputs, needs 1"));
  layers = two_layers();
  layers[1].input.channels = 3;
  EXPECT_THAT(error_of(layers), HasSubstr("input is 8x8x3, but it reads 8x8x4"));
  layers = two_layers();
  layers[1].output.height = 7;
  EXPECT_THAT(error_of(layers), HasSubstr("output is 7x8x5, but the operator gives 8x8x5"));
  layers = two_layers();
  layers[1].groups = 3;
  EXPECT_THAT(error_of(layers), HasSubstr("3 groups do not divide"));
  layers = two_layers();
  layers[1].stride_h = 0;
  EXPECT_THAT(error_of(layers), HasSubstr("stride"));
  layers = two_layers();
  layers[1].kernel_h = 20;
  EXPECT_THAT(error_of(layers), HasSubstr("but the operator gives 0x8x5"));
  layers = two_layers();
  layers[1].pad_left = -1;
  EXPECT_THAT(error_of(layers), HasSubstr("padding"));
  EXPECT_THAT(input_error([] {
                Network("net", {8, 0, 3}, two_layers());
              }),
              HasSubstr("input 8x0x3 is empty"));
}

TEST(Network, RefusesCountsThatWouldOverflow) {
  NetworkBuilder builder("net", {65536, 65536, 65536});
  builder.conv("conv", kNetworkInput, 65536, 31, 1, Activation::kRelu);
  EXPECT_THAT(input_error([&] { builder.finish(); }),
              HasSubstr("more than 1e18 multiply-accumulates"));
  NetworkBuilder flat("net", {65536, 65536, 65536});
  flat.fully_connected("fc", kNetworkInput, 65536, Activation::kRelu);
  EXPECT_THAT(input_error([&] { flat.finish(); }), HasSubstr("more than 1e18"));
}

TEST(Network, ChecksBothInputsOfElementwiseLayers) {
  auto layers = two_layers();
  Layer add = convolution("add", 0, {8, 8, 4}, {8, 8, 4});
  add.op = OpType::kAdd;
  add.inputs = {0, 1};  // 4 and 5 channels
  layers.push_back(add);
  EXPECT_THAT(error_of(layers), HasSubstr("second input is 8x8x5, does not fit the first, 8x8x4"));
  layers[2].inputs = {0};
  EXPECT_THAT(error_of(layers), HasSubstr("has 1 inputs, needs 2"));

  NetworkBuilder builder("net", {8, 8, 4});
  const int pooled = builder.global_average_pool("pool", kNetworkInput);
  builder.multiply("scale", kNetworkInput, pooled);
  EXPECT_NO_THROW(builder.finish());
  NetworkBuilder adder("net", {8, 8, 4});
  const int one = adder.global_average_pool("pool", kNetworkInput);
  adder.add("sum", kNetworkInput, one);
  EXPECT_NO_THROW(adder.finish());
  NetworkBuilder turned("net", {8, 8, 4});
  turned.add("sum", turned.global_average_pool("pool", kNetworkInput), kNetworkInput);
  EXPECT_THROW(turned.finish(), InputError);  // the second one is broadcast, not the first
}

TEST(Network, ChecksTheInputsOfConcat) {
  auto layers = two_layers();
  Layer join = convolution("join", 0, {8, 8, 4}, {8, 8, 9});
  join.op = OpType::kConcat;
  join.inputs = {0, 1};
  layers.push_back(join);
  EXPECT_EQ(error_of(layers), "");
  layers[2].output.channels = 8;
  EXPECT_THAT(error_of(layers), HasSubstr("output is 8x8x8, but the operator gives 8x8x9"));
  layers[2] = join;
  layers[2].inputs = {0};
  EXPECT_THAT(error_of(layers), HasSubstr("has 1 inputs, needs 2 or more"));

  NetworkBuilder builder("net", {8, 8, 4});
  const int half = builder.pool("half", OpType::kMaxPool, kNetworkInput, 2, 2);
  builder.concat("join", std::vector<int>{kNetworkInput, half});
  EXPECT_THAT(input_error([&] { builder.finish(); }),
              HasSubstr("joins 8x8x4 and 4x4x4: height and width differ"));
}

TEST(Network, ChecksTheInputsOfMatMul) {
  NetworkBuilder builder("net", {2, 2, 4});
  builder.matmul("product", kNetworkInput, kNetworkInput);  // 4 x 4, squared
  EXPECT_NO_THROW(builder.finish());
  NetworkBuilder wrong("net", {2, 2, 5});
  wrong.matmul("product", kNetworkInput, kNetworkInput);
  EXPECT_THAT(input_error([&] { wrong.finish(); }),
              HasSubstr("second input is 2x2x5, needs 5 positions"));
  NetworkBuilder large("net", {65536, 65536, 1});
  const int pooled = large.global_average_pool("pool", kNetworkInput);
  const int wide = large.conv("wide", pooled, 65536, 1, 1, Activation::kNone);
  const int many = large.matmul("outer", kNetworkInput, wide);
  large.conv("back", many, 65536, 1, 1, Activation::kNone);
  EXPECT_THAT(input_error([&] { large.finish(); }), HasSubstr("more than 1e18"));
}

}  // namespace
}  // namespace dovetail
