// Inputs that are images in another shape, and colours in another order: the first layers are those
// of the network that reads the image itself.

#include "models/network/onnx/image_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/onnx/import_graph.h"
#include "tests/models/network/onnx/onnx_values.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using test::integer;
using test::integers;
using test::ints;

OnnxNode node(const std::string& op, std::vector<std::string> inputs, const std::string& output,
              std::vector<OnnxAttribute> attributes = {}) {
  OnnxNode node;
  node.op = op;
  node.name = op;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  node.attributes = std::move(attributes);
  return node;
}

struct ImageCase {
  std::string name;
  OnnxDims input;
  std::vector<OnnxNode> nodes;  // from x to i, which a convolution reads
  TensorShape image;
  OnnxDims kernel{3, 3};
};

const OnnxNode kToFirst = node("Transpose", {"a"}, "i", {ints("perm", {0, 3, 1, 2})});

const std::vector<ImageCase> kImages = {
    {"flat", {0, 784}, {node("Reshape", {"x", "to_28"}, "i")}, {28, 28, 1}},
    {"flat_of_a_batch", {8, 784}, {node("Reshape", {"x", "to_28"}, "i")}, {28, 28, 1}},
    {"flat_without_batch", {784}, {node("Reshape", {"x", "to_28"}, "i")}, {28, 28, 1}},
    {"spectrum", {1, 49, 10}, {node("Reshape", {"x", "to_49"}, "a"), kToFirst}, {49, 10, 1}},
    {"spectrum_unsqueezed", {0, 49, 10}, {node("Unsqueeze", {"x", "one"}, "i")}, {49, 10, 1}},
    {"channels_first_without_batch",
     {3, 20, 24},
     {node("Unsqueeze", {"x", "zero"}, "i")},
     {20, 24, 3}},
    {"channels_last_without_batch",
     {20, 24, 3},
     {node("Sub", {"x", "mean"}, "m"), node("Unsqueeze", {"m", "zero"}, "a"), kToFirst},
     {20, 24, 3}},
    {"line_of_keras",
     {0, 16, 3},
     {node("Transpose", {"x"}, "a", {ints("perm", {0, 2, 1})}),
      node("Unsqueeze", {"a", "two"}, "i")},
     {1, 16, 3},
     {1, 3}},
    {"line_of_keras_unsqueezed_first",
     {0, 16, 3},
     {node("Unsqueeze", {"x", "one"}, "a"), kToFirst},
     {1, 16, 3},
     {1, 3}},
};

OnnxGraph graph_of(const ImageCase& image) {
  OnnxGraph graph;
  graph.opsets[""] = 13;
  graph.inputs = {{"x", kOnnxFloat, image.input}};
  graph.outputs = {{"y", kOnnxFloat, {}}};
  graph.constants = {{"to_28", integers({-1, 1, 28, 28})},
                     {"to_49", integers({-1, 49, 10, 1})},
                     {"zero", integers({0})},
                     {"one", integers({1})},
                     {"two", integers({2})},
                     {"mean", {{3}, kOnnxFloat, std::vector<double>{1, 2, 3}, {}}}};
  graph.constants["w"] = {
      {4, image.image.channels, image.kernel[0], image.kernel[1]}, kOnnxFloat, {}, {}};
  graph.nodes = image.nodes;
  graph.nodes.push_back(node("Conv", {"i", "w"}, "y"));
  return graph;
}

class ImageInputTest : public testing::TestWithParam<ImageCase> {};

TEST_P(ImageInputTest, IsTheInputOfTheFirstConvolution) {
  const ImageCase& image = GetParam();
  const ImportedGraph imported = import_graph(graph_of(image), "net");
  EXPECT_EQ(imported.network.input(), image.image);
  ASSERT_EQ(imported.network.layers().size(), 1U);
  EXPECT_EQ(imported.network.layers()[0].input, image.image);
  const std::int64_t positions =
      (image.image.height - image.kernel[0] + 1) * (image.image.width - image.kernel[1] + 1);
  EXPECT_EQ(imported.network.macs(),
            positions * 4 * image.image.channels * image.kernel[0] * image.kernel[1]);
  // The input is still what the file declares, of one image.
  OnnxDims declared = image.input;
  if (image.name.find("without_batch") == std::string::npos) declared[0] = 1;
  EXPECT_EQ(imported.dims.at("x"), declared);
}

INSTANTIATE_TEST_SUITE_P(Onnx, ImageInputTest, testing::ValuesIn(kImages),
                         [](const auto& test) { return test.param.name; });

TEST(ImageInput, OtherInputsAreWhatTheyDeclare) {
  const auto image = [](OnnxDims dims, std::vector<OnnxNode> nodes) {
    OnnxGraph graph;
    graph.inputs = {{"x", kOnnxFloat, std::move(dims)}};
    graph.constants = {{"to_28", integers({-1, 1, 28, 28})}};
    graph.nodes = std::move(nodes);
    return image_behind(graph, graph.inputs[0]).has_value();
  };
  const OnnxNode to_28 = node("Reshape", {"x", "to_28"}, "i"), conv = node("Conv", {"i"}, "y");
  EXPECT_TRUE(image({1, 784}, {to_28, conv}));
  EXPECT_FALSE(image({1, 1, 28, 28}, {to_28, conv})) << "an image already";
  EXPECT_FALSE(image({1, 784}, {to_28, node("Gemm", {"i"}, "y")})) << "no convolution";
  EXPECT_FALSE(image({1, 785}, {to_28, conv})) << "no such sizes";
  EXPECT_FALSE(image({1, 784}, {node("Reshape", {"x", "unknown"}, "i"), conv}));
}

/// Colours turned round before the first convolution move nothing.
TEST(ImageInput, ColoursInAnotherOrderAreThatOfTheWeights) {
  const auto layers = [](const OnnxDims& input, std::vector<OnnxNode> nodes) {
    OnnxGraph graph;
    graph.opsets[""] = 13;
    graph.inputs = {{"x", kOnnxFloat, input}};
    graph.outputs = {{"y", kOnnxFloat, {}}};
    graph.constants = {{"bgr", integers({2, 1, 0})}, {"minus", integers({-1})},
                       {"least", integers({-1000})}, {"channels", integers({1})},
                       {"two", integers({0, 2, 2})}, {"w", {{4, 3, 3, 3}, kOnnxFloat, {}, {}}}};
    graph.nodes = std::move(nodes);
    graph.nodes.push_back(node("Conv", {"i", "w"}, "y"));
    return import_graph(graph, "net").network.layers().size();
  };
  EXPECT_EQ(layers({1, 3, 8, 8}, {node("Gather", {"x", "bgr"}, "i", {integer("axis", 1)})}), 1U);
  EXPECT_EQ(
      layers({1, 8, 8, 3}, {node("Gather", {"x", "bgr"}, "a", {integer("axis", -1)}), kToFirst}),
      1U);
  EXPECT_EQ(
      layers({1, 3, 8, 8}, {node("Slice", {"x", "minus", "least", "channels", "minus"}, "i")}), 1U);
  // Not all of them, once each.
  EXPECT_THAT(input_error([&] {
                layers({1, 3, 8, 8}, {node("Gather", {"x", "two"}, "i", {integer("axis", 1)})});
              }),
              testing::HasSubstr("indices in even steps upwards"));
}

}  // namespace
}  // namespace dovetail
