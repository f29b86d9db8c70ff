// What is written in int8 is valid, and is the same network when read again.

#include "models/network/onnx/int8_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_writer.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// Numbers of the right sizes.
OnnxInt8 some_int8(const Network& network) {
  OnnxInt8 int8;
  int8.input = {0.02, 3};
  for (const Layer& layer : network.layers()) {
    const auto outputs = static_cast<std::size_t>(layer.output.channels);
    OnnxInt8Layer numbers;
    if (layer.has_weights()) {
      numbers.weights.assign(static_cast<std::size_t>(layer.weight_count()), 5);
      numbers.weight_scales.assign(outputs, 0.01);
      numbers.bias.assign(outputs, 7);
    }
    numbers.before = {0.05, -1};
    numbers.behind = {0.04, 2};
    int8.layers.push_back(std::move(numbers));
  }
  return int8;
}

int nodes_of(const OnnxGraph& graph, const std::string& op) {
  return static_cast<int>(
      std::ranges::count_if(graph.nodes, [&](const OnnxNode& node) { return node.op == op; }));
}

TEST(Int8GraphTest, EveryNetworkOfTheZooIsTheSameWhenReadAgain) {
  int networks = 0;
  for (const ZooEntry& entry : list_zoo()) {
    SCOPED_TRACE(entry.name);
    const Network network = load_network(entry.file);
    const ExportedGraph exported = with_int8(export_graph(network), network, some_int8(network));
    const ImportedGraph imported = import_graph(exported.graph, "");
    EXPECT_EQ(imported.network.layers(), network.layers());
    EXPECT_EQ(imported.network.parameters(), network.parameters());
    EXPECT_EQ(imported.network.name(), network.name());
    ++networks;
  }
  EXPECT_GE(networks, 101);
}

TEST(Int8GraphTest, EveryLayerIsRoundedAndTableActivationsTwice) {
  const Network network = find_network("mobilenet_v3_small");
  const ExportedGraph exported = with_int8(export_graph(network), network, some_int8(network));
  int rounded = 1, weights = 0;
  for (const Layer& layer : network.layers()) {
    rounded += is_table_activation(layer.activation) ? 2 : 1;
    weights += !layer.has_weights() ? 0 : layer.has_bias || layer.has_batch_norm ? 2 : 1;
  }
  EXPECT_EQ(nodes_of(exported.graph, "QuantizeLinear"), rounded);
  EXPECT_EQ(nodes_of(exported.graph, "DequantizeLinear"), rounded + weights);
  EXPECT_EQ(nodes_of(exported.graph, "BatchNormalization"), 0);
  EXPECT_EQ(static_cast<int>(exported.weights.size()), weights);
  // the library knows the sizes of all outputs, so its checker has passed it
  const std::map<std::string, OnnxDims> shapes = library_shapes(exported.graph);
  for (const Layer& layer : network.layers()) {
    ASSERT_TRUE(shapes.contains(layer.name)) << layer.name;
    EXPECT_EQ(element_count(shapes.at(layer.name)), layer.output.elements()) << layer.name;
  }
}

TEST(Int8GraphTest, WeightsTakeOneByteEachInTheFileAndBesideIt) {
  const Network network = find_network("mobilenetv1_0.25_128");
  const std::filesystem::path file = write_yaml("").replace_extension("onnx");
  for (const bool external : {false, true}) {
    OnnxOptions options{.external_data = external, .int8 = some_int8(network)};
    const OnnxFiles written = save_onnx(network, file, options);
    EXPECT_EQ(load_onnx(file).layers(), network.layers());
    std::int64_t weights = 0, biases = 0;
    for (const Layer& layer : network.layers()) {
      weights += layer.has_weights() ? layer.weight_count() : 0;
      biases += layer.has_weights() ? layer.output.channels : 0;
    }
    EXPECT_EQ(written.weights, weights + biases);
    if (!external) continue;
    EXPECT_EQ(static_cast<std::int64_t>(std::filesystem::file_size(file.string() + ".data")),
              weights + 4 * biases);
  }
}

TEST(Int8GraphTest, NumbersOfAnotherNetworkAreRefused) {
  const Network network = find_network("mobilenetv1_0.25_128");
  OnnxInt8 int8 = some_int8(network);
  int8.layers[2].weights.pop_back();
  EXPECT_THAT(input_error([&] { with_int8(export_graph(network), network, int8); }),
              HasSubstr("the int8 weights are not its own"));
  int8.layers.pop_back();
  EXPECT_THAT(input_error([&] { with_int8(export_graph(network), network, int8); }),
              HasSubstr("allowed are those of"));
}

}  // namespace
}  // namespace dovetail
