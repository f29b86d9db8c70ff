// What is written as ONNX is valid, is the same network when read again, and is always the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "models/network/blocks/network_builder.h"
#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/import_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_writer.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

void expect_same(const Network& read, const Network& written) {
  EXPECT_EQ(read.name(), written.name());
  EXPECT_EQ(read.input(), written.input());
  EXPECT_EQ(read.macs(), written.macs()) << written.name();
  EXPECT_EQ(read.parameters(), written.parameters()) << written.name();
  // one layer list, so one simulation
  ASSERT_EQ(read.layers().size(), written.layers().size()) << written.name();
  for (std::size_t i = 0; i < read.layers().size(); ++i) {
    EXPECT_EQ(read.layers()[i], written.layers()[i]) << written.layers()[i].name;
  }
}

/// Through the graph, without a file; the ONNX library's shapes must be those of the layers.
void expect_round_trip(const Network& network) {
  const ExportedGraph exported = export_graph(network);
  const std::map<std::string, OnnxDims> shapes = library_shapes(exported.graph);
  for (const Layer& layer : network.layers()) {
    ASSERT_TRUE(shapes.contains(layer.name)) << layer.name;
    EXPECT_EQ(element_count(shapes.at(layer.name)), layer.output.elements()) << layer.name;
  }
  const ImportedGraph imported = import_graph(exported.graph, "");
  expect_same(imported.network, network);
  std::size_t compared = 0;  // all but those inside an activation of several nodes
  for (const auto& [tensor, dims] : library_shapes(imported.graph)) {
    const auto ours = imported.dims.find(tensor);
    if (ours == imported.dims.end()) continue;
    EXPECT_EQ(ours->second, dims) << tensor;
    ++compared;
  }
  EXPECT_GE(compared, network.layers().size());
}

class OnnxFolder : public testing::Test {
 protected:
  OnnxFolder() { std::filesystem::create_directories(folder()); }
  ~OnnxFolder() override { std::filesystem::remove_all(folder()); }
  static std::filesystem::path folder() { return write_yaml("").replace_extension("folder"); }
  static std::filesystem::path path(const std::string& name) { return folder() / name; }
};

TEST(OnnxRoundTrip, EveryNetworkOfTheZoo) {
  int networks = 0;
  for (const ZooEntry& entry : list_zoo()) {
    SCOPED_TRACE(entry.name);
    expect_round_trip(load_network(entry.file));
    ++networks;
  }
  EXPECT_GE(networks, 101);
}

// As a tool that drops names and documentation would hand them on: the layers come from the graph.
TEST(OnnxRoundTrip, WithoutNotesAndNamesTheLayersAreTheSame) {
  for (const ZooEntry& entry : list_zoo()) {
    SCOPED_TRACE(entry.name);
    const Network network = load_network(entry.file);
    OnnxGraph graph = export_graph(network).graph;
    for (OnnxNode& node : graph.nodes) {
      node.doc.clear();
      node.name.clear();
    }
    const Network read = import_graph(graph, "anonymous").network;
    ASSERT_EQ(read.layers().size(), network.layers().size());
    for (std::size_t i = 0; i < read.layers().size(); ++i) {
      Layer layer = read.layers()[i];
      layer.name = network.layers()[i].name;
      layer.block = network.layers()[i].block;
      EXPECT_EQ(layer, network.layers()[i]) << layer.name;
    }
  }
}

TEST(OnnxRoundTrip, RandomNetworksOfEverySpace) {
  int spaces = 0;
  for (const std::string& name : list_configs("spaces")) {
    const std::filesystem::path file = resolve_config("spaces", name);
    if (read_file(file).find("schema: dovetail.network_space/1") == std::string::npos) continue;
    const NetworkSpace space = NetworkSpace::load(file);
    Rng rng(20, static_cast<std::uint64_t>(spaces++));
    for (int i = 0; i < 200; ++i) {
      SCOPED_TRACE(name + " " + std::to_string(i));
      expect_round_trip(space.build(space.decisions().sample(rng)));
      if (HasFailure()) return;
    }
  }
  EXPECT_GE(spaces, 5);
}

/// Everything that block lines cannot write.
Network odd_network() {
  NetworkBuilder builder("odd one", {15, 9, 6});
  const int a = builder.conv("a", kNetworkInput, 8, 3, 2, Activation::kNone, 2, true, true, 2);
  const int alone = builder.activation("alone", a, Activation::kSwish);
  const int again = builder.activation("again", alone, Activation::kSigmoid);
  const int product = builder.multiply("product", a, again);
  builder.begin_block("part");
  const int pool = builder.pool("pool", OpType::kAveragePool, product, 3, 2);
  const int peak = builder.pool("peak", OpType::kMaxPool, product, 2, 2);
  const int joined = builder.concat("joined", std::vector{pool, peak, pool});
  const int rows = builder.conv("rows", joined, 12, 1, 1, Activation::kHardSwish, 1, true, false);
  const int keys = builder.conv("keys", kNetworkInput, 5, 3, 4, Activation::kRelu);
  const int product2 = builder.matmul("matmul", rows, keys);  // 4x3 positions of 12, 12 of 5
  builder.begin_block("");
  const int sum = builder.add("sum", product2, product2, Activation::kHardSigmoid);
  const int flat = builder.fully_connected("flat", sum, 30, Activation::kSwish, false);
  const int next = builder.fully_connected("next", flat, 30, Activation::kRelu6);
  const int both = builder.concat("both", std::vector{flat, next});
  const int gate = builder.activation("gate", both, Activation::kHardSigmoid);
  const int scaled = builder.multiply("scaled", both, gate);
  builder.activation("last", scaled, Activation::kRelu);
  return builder.finish();
}

TEST(OnnxRoundTrip, OperatorsThatNoBlockLineHas) {
  expect_round_trip(odd_network());
}

TEST(OnnxRoundTrip, NamesThatAreNotUsual) {
  NetworkBuilder builder("", {4, 4, 3});
  const int input = builder.conv("input", kNetworkInput, 4, 1, 1, Activation::kSwish);
  const int out = builder.conv("input:out", input, 4, 1, 1, Activation::kSwish);
  builder.fully_connected("input.weight", out, 3, Activation::kNone);
  const Network network = builder.finish();
  const ImportedGraph imported = import_graph(export_graph(network).graph, "name of the file");
  EXPECT_EQ(imported.network.layers(), network.layers());
  EXPECT_EQ(imported.network.name(), "name of the file");
}

TEST_F(OnnxFolder, FilesAreReadAsTheyWereWritten) {
  for (const char* name : {"mobilenetv3_small_0.75_224", "tinynet_e_106", "mobilenetv1_0.25_128"}) {
    const Network network = find_network(name);
    for (const bool external : {false, true}) {
      for (const OnnxWeights weights : {OnnxWeights::kZero, OnnxWeights::kRandom}) {
        const OnnxFiles files =
            save_onnx(network, path("n.onnx"), {.weights = weights, .external_data = external});
        expect_same(load_onnx(path("n.onnx")), network);
        EXPECT_EQ(files.files.size(), external ? 2U : 1U);
        std::uintmax_t bytes = 0;
        for (const auto& file : files.files) bytes += std::filesystem::file_size(file);
        EXPECT_EQ(files.bytes, bytes);
        // four for each weight, and mean and variance beside what counts as parameters
        std::int64_t stored = network.parameters();
        for (const Layer& layer : network.layers()) {
          stored += layer.has_batch_norm ? 2 * layer.output.channels : 0;
        }
        EXPECT_EQ(files.weights, stored);
        EXPECT_GT(files.bytes, static_cast<std::uintmax_t>(4 * stored));
        EXPECT_LT(files.bytes, static_cast<std::uintmax_t>(4 * stored + 200000));
      }
    }
  }
}

TEST_F(OnnxFolder, TheSameSeedGivesTheSameBytes) {
  const Network network = find_network("mobilenetv1_0.25_128");
  const auto bytes = [&](const OnnxOptions& options) {
    save_onnx(network, path("n.onnx"), options);
    return read_file(path("n.onnx")) +
           (options.external_data ? read_file(path("n.onnx.data")) : "");
  };
  EXPECT_EQ(bytes({.seed = 7}), bytes({.seed = 7}));
  EXPECT_NE(bytes({.seed = 7}), bytes({.seed = 8}));
  EXPECT_EQ(bytes({.seed = 7, .external_data = true}), bytes({.seed = 7, .external_data = true}));
  EXPECT_EQ(bytes({.weights = OnnxWeights::kZero, .seed = 7}),
            bytes({.weights = OnnxWeights::kZero, .seed = 8}));
}

TEST_F(OnnxFolder, RandomWeightsAreSpreadAsTheirFanInAsks) {
  NetworkBuilder builder("net", {8, 8, 16});
  builder.conv("conv", kNetworkInput, 64, 3, 1, Activation::kRelu, 1, false, false);
  save_onnx(builder.finish(), path("n.onnx"), {.external_data = true});
  const std::string data = read_file(path("n.onnx.data"));
  ASSERT_EQ(data.size(), sizeof(float) * 64 * 16 * 9);
  std::vector<float> numbers(data.size() / sizeof(float));
  std::memcpy(numbers.data(), data.data(), data.size());
  double sum = 0, squares = 0;
  for (const float number : numbers) {
    sum += number;
    squares += double{number} * number;
  }
  const double count = static_cast<double>(numbers.size());
  const double variance = 2.0 / (16 * 9);  // He et al. 2015
  EXPECT_NEAR(sum / count, 0, 4 * std::sqrt(variance / count));
  EXPECT_NEAR(squares / count, variance, 0.05 * variance);
}

TEST_F(OnnxFolder, NothingIsHalfWritten) {
  const Network network = find_network("mobilenetv1_0.25_128");
  EXPECT_THAT(input_error([&] { save_onnx(network, path("no/such/folder.onnx")); }),
              HasSubstr("folder.onnx"));
  Layer pool;
  pool.name = "pool";
  pool.op = OpType::kAveragePool;
  pool.inputs = {kNetworkInput};
  pool.input = {8, 8, 3};
  pool.kernel_h = pool.kernel_w = pool.dilation_h = pool.dilation_w = 2;
  pool.output = {6, 6, 3};
  const Network dilated("dilated", pool.input, {pool});
  EXPECT_THAT(input_error([&] { save_onnx(dilated, path("n.onnx")); }),
              HasSubstr("layer 'pool': operator set 13 has no average pool with dilation"));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(OnnxFolder, AModelTooLargeForOneFileIsRefusedBeforeItIsMade) {
  NetworkBuilder builder("large", {1, 1, 30000});
  builder.fully_connected("fc", kNetworkInput, 20000, Activation::kNone);  // 2.4 GB
  const Network network = builder.finish();
  EXPECT_THAT(input_error([&] { save_onnx(network, path("n.onnx")); }), HasSubstr("external data"));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

}  // namespace
}  // namespace dovetail
