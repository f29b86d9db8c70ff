// Files in the manner of other exporters (onnx_files/write_onnx_files.py): counts and layers by
// hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_reader.h"
#include "models/network/onnx/slim_model.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

const std::filesystem::path kFiles =
    std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/models/network/onnx/onnx_files";

/// The layers in words: operator, activation, + for a bias, * for batch normalisation.
std::string words(const Network& network) {
  std::vector<std::string> parts;
  for (const Layer& layer : network.layers()) {
    std::string word = to_string(layer.op);
    if (layer.activation != Activation::kNone) word += "-" + to_string(layer.activation);
    if (layer.has_bias) word += "+";
    if (layer.has_batch_norm) word += "*";
    parts.push_back(word);
  }
  return join(parts, " ");
}

struct Case {
  std::string file;
  TensorShape input;
  std::int64_t macs, parameters;
  std::string layers;
};

// Multiply-accumulates: positions x outputs x numbers summed; parameters: weights, + biases, + two
// for each normalised channel.
const std::vector<Case> kCases = {
    {"torch_mobilenet_opset9",
     {20, 28, 3},
     // 10 x 14 positions throughout
     140 * 8 * 27 + 140 * 24 * 8 + 140 * 24 * 9 + 140 * 8 * 24 + 8 * 5,
     (8 * 27 + 16) + (24 * 8 + 48) + (24 * 9 + 48) + (8 * 24 + 16) + (5 * 8 + 5),
     "conv2d-relu6* conv2d-relu6* conv2d-relu6* conv2d* add global_average_pool fully_connected+"},
    {"timm_efficientnet_opset11",
     {22, 30, 3},
     // 11 x 15 positions; the block's pool sees one
     165 * 8 * 27 + 165 * 32 * 8 + 165 * 32 * 25 + 32 * 2 + 2 * 32 + 165 * 8 * 32 + 8 * 10,
     (8 * 27 + 8) + (32 * 8 + 32) + (32 * 25 + 32) + (2 * 32 + 2) + (32 * 2 + 32) + (8 * 32 + 8) +
         (10 * 8 + 10),
     "conv2d-swish+ conv2d-swish+ conv2d-swish+ global_average_pool fully_connected-swish+ "
     "fully_connected-sigmoid+ multiply conv2d+ add global_average_pool fully_connected+"},
    {"torch_mobilenet_v3_opset13",
     {24, 40, 3},
     // 12 x 20 positions, then 6 x 10
     240 * 16 * 27 + 60 * 16 * 25 + 16 * 8 + 8 * 16 + 60 * 24 * 16 + 24 * 32 + 32 * 7,
     (16 * 27 + 16) + (16 * 25 + 16) + (8 * 16 + 8) + (16 * 8 + 16) + (24 * 16 + 24) +
         (32 * 24 + 32) + (7 * 32 + 7),
     "conv2d-hswish+ conv2d-relu+ global_average_pool fully_connected-relu+ "
     "fully_connected-hsigmoid+ multiply conv2d-hswish+ global_average_pool "
     "fully_connected-hswish+ fully_connected+"},
    {"torch_branches_opset17",
     {32, 30, 3},
     // 16 x 15 positions; a pool that rounds up makes 8 x 7 of them
     240 * 12 * 147 + 56 * 8 * 9 + 56 * 6 * 108 + 56 * 26 + 56 * 10 * 26 + 10 * 4,
     (12 * 147 + 12) + (8 * 9 + 8) + (6 * 108 + 6) + (26 + 26) + 10 * 26 + (4 * 10 + 4),
     "conv2d-relu+ max_pool conv2d+ conv2d+ concat conv2d-relu+ conv2d average_pool-relu "
     "global_average_pool fully_connected+"},
    {"tf2onnx_keras_opset13",
     {36, 28, 3},
     // 18 x 14 positions, then 9 x 7
     252 * 8 * 27 + 63 * 8 * 9 + 63 * 14 * 8 + 14 * 6,
     (8 * 27 + 8) + (8 * 9 + 16) + (14 * 8 + 14) + (6 * 14 + 6),
     "conv2d-relu6+ conv2d-relu6* conv2d+ global_average_pool fully_connected+"},
    {"tf2onnx_mobilenet_v3_opset9",
     {28, 20, 3},
     // 14 x 10 positions, then 7 x 5
     140 * 16 * 27 + 35 * 16 * 25 + 16 * 8 + 8 * 16 + 35 * 20 * 16 + 20 * 6,
     (16 * 27 + 16) + (16 * 25 + 16) + (8 * 16 + 8) + (16 * 8 + 16) + (20 * 16 + 20) + (6 * 20 + 6),
     "conv2d-hswish+ conv2d-relu+ global_average_pool fully_connected-relu+ "
     "fully_connected-hsigmoid+ multiply conv2d-hswish+ global_average_pool fully_connected+"},
    {"tf2onnx_efficientnet_opset11",
     {26, 22, 3},
     // 13 x 11 positions throughout
     143 * 12 * 27 + 143 * 24 * 12 + 143 * 24 * 16 + 24 * 3 + 3 * 24 + 143 * 12 * 24 + 12 * 7,
     (12 * 27 + 24) + (24 * 12 + 48) + (24 * 16 + 48) + (3 * 24 + 3) + (24 * 3 + 24) +
         (12 * 24 + 24) + (7 * 12 + 7),
     "conv2d-swish* conv2d-swish* conv2d-swish* global_average_pool fully_connected-swish+ "
     "fully_connected-sigmoid+ multiply conv2d* add global_average_pool fully_connected+"},
    {"timm_efficientnet_opset17",
     {30, 26, 3},
     // 15 x 13 positions, then 7 x 7
     195 * 8 * 27 + 49 * 32 * 72 + 49 * 16 * 32 + 49 * 48 * 16 + 49 * 48 * 25 + 48 * 4 + 4 * 48 +
         49 * 16 * 48 + 49 * 40 * 16 + 40 * 9,
     (8 * 27 + 8) + (32 * 72 + 32) + (16 * 32 + 16) + (48 * 16 + 48) + (48 * 25 + 48) +
         (4 * 48 + 4) + (48 * 4 + 48) + (16 * 48 + 16) + (40 * 16 + 40) + (9 * 40 + 9),
     "conv2d-swish+ conv2d-swish+ conv2d+ conv2d-swish+ conv2d-swish+ global_average_pool "
     "fully_connected-swish+ fully_connected-sigmoid+ multiply conv2d+ add conv2d-hswish+ "
     "global_average_pool fully_connected+"},
    {"qdq_resnet_opset13",
     {32, 48, 3},
     // 16 x 24 positions, then 8 x 12
     384 * 8 * 147 + 2 * (96 * 8 * 72) + 8 * 9,
     (8 * 147 + 8) + 2 * (8 * 72 + 8) + (9 * 8 + 9),
     "conv2d-relu+ max_pool conv2d-relu+ conv2d+ add-relu global_average_pool fully_connected+"},
    {"qlinear_mobilenet_opset11",
     {26, 18, 1},
     // 13 x 9 positions
     117 * 8 * 9 + 117 * 8 * 9 + 117 * 8 * 8 + 16 * 12 + 12 * 3,
     (8 * 9 + 8) + (8 * 9 + 8) + (8 * 8 + 8) + 16 * 12 + (3 * 12 + 3),
     "conv2d+ conv2d+ conv2d+ add concat global_average_pool fully_connected fully_connected+"},
    {"mlp_opset9",
     {1, 1, 20},
     20 * 33 + 33 * 17 + 17 * 5,
     (20 * 33 + 33) + (33 * 17 + 17) + (17 * 5 + 5),
     "fully_connected-relu+ fully_connected-sigmoid+ fully_connected+"},
    {"tokens_opset14",
     {15, 1, 24},
     15 * 24 * 40 + 15 * 40 * 24 + 24 * 6,
     (24 * 40 + 40) + 40 * 24 + (24 * 6 + 6),
     "conv2d-hswish+ conv2d add global_average_pool fully_connected+"},
    {"external_opset18",
     {9, 7, 3},
     35 * 6 * 27 + 6 * 2,
     (6 * 27 + 6) + (2 * 6 + 2),
     "conv2d-relu+ global_average_pool fully_connected+"},
};

class OnnxFile : public testing::TestWithParam<Case> {};

TEST_P(OnnxFile, HasTheCountsAndLayersWorkedOutByHand) {
  const Network network = load_onnx(kFiles / (GetParam().file + ".onnx"));
  EXPECT_EQ(network.name(), GetParam().file);
  EXPECT_EQ(network.input(), GetParam().input);
  EXPECT_EQ(network.macs(), GetParam().macs);
  EXPECT_EQ(network.parameters(), GetParam().parameters);
  EXPECT_EQ(words(network), GetParam().layers);
}

INSTANTIATE_TEST_SUITE_P(Onnx, OnnxFile, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.file; });

TEST(OnnxImport, WindowsOfTheFilesAreWhatTheirExportersMeant) {
  const auto layer = [](const std::string& file, std::size_t index) {
    return load_onnx(kFiles / (file + ".onnx")).layers().at(index);
  };
  const Layer padded = layer("timm_efficientnet_opset11", 0);  // by a Pad node before it
  EXPECT_EQ((std::vector{padded.pad_top, padded.pad_left, padded.pad_bottom, padded.pad_right}),
            (std::vector{0, 0, 1, 1}));
  const Layer unequal = layer("timm_efficientnet_opset17", 1);  // by an attribute
  EXPECT_EQ((std::vector{unequal.pad_top, unequal.pad_left, unequal.pad_bottom, unequal.pad_right}),
            (std::vector{0, 1, 1, 1}));
  const Layer lower = layer("tf2onnx_efficientnet_opset11", 2);  // SAME_LOWER of an even kernel
  EXPECT_EQ((std::vector{lower.pad_top, lower.pad_left, lower.pad_bottom, lower.pad_right}),
            (std::vector{2, 2, 1, 1}));
  const Layer rounded_up = layer("torch_branches_opset17", 1);
  EXPECT_EQ((std::vector{rounded_up.pad_top, rounded_up.pad_left, rounded_up.pad_bottom,
                         rounded_up.pad_right}),
            (std::vector{0, 0, 1, 0}));
  const Layer grouped = layer("torch_branches_opset17", 2);
  EXPECT_EQ((std::vector{grouped.groups, grouped.kernel_h, grouped.kernel_w, grouped.pad_top,
                         grouped.pad_left}),
            (std::vector{4, 3, 1, 1, 0}));
  const Layer dilated = layer("torch_branches_opset17", 3);
  EXPECT_EQ((std::vector{dilated.dilation_h, dilated.dilation_w, dilated.output.height}),
            (std::vector{2, 2, 8}));
  const Layer depthwise = layer("tf2onnx_keras_opset13", 1);  // SAME_UPPER of even sizes
  EXPECT_TRUE(depthwise.is_depthwise());
  EXPECT_EQ((std::vector{depthwise.pad_top, depthwise.pad_bottom}), (std::vector{0, 1}));
}

// What exporters write, each in at least one of the files as it is on the disk.
TEST(OnnxImport, FilesHaveTheFormsOfTheirExporters) {
  std::set<int> opsets;
  std::set<std::string> forms;
  for (const Case& file : kCases) {
    const std::filesystem::path path = kFiles / (file.file + ".onnx");
    const OnnxGraph graph = read_onnx_graph(slim_model_of_file(path), kFiles);
    opsets.insert(graph.opsets.at(""));
    if (graph.inputs.at(0).dims.value().at(0) == 0) forms.insert("symbolic batch");
    if (std::filesystem::exists(path.string() + ".data")) forms.insert("external data");
    for (const OnnxNode& node : graph.nodes) {
      forms.insert(node.op);
      forms.insert(node.op + " " + node.text("auto_pad", "NOTSET"));
      const OnnxDims pads = node.has("pads") ? node.integers("pads", {}) : OnnxDims(4);
      if (pads.size() == 4 && (pads[0] != pads[2] || pads[1] != pads[3])) {
        forms.insert(node.op + " with unequal pads");
      }
    }
  }
  EXPECT_THAT(opsets, testing::IsSupersetOf({9, 11, 13, 14, 17, 18}));
  EXPECT_THAT(forms, testing::IsSupersetOf<std::string>({"symbolic batch",
                                                         "external data",
                                                         "Conv with unequal pads",
                                                         "Conv SAME_UPPER",
                                                         "Conv SAME_LOWER",
                                                         "Conv VALID",
                                                         "BatchNormalization",
                                                         "HardSwish",
                                                         "HardSigmoid",
                                                         "Sigmoid",
                                                         "Clip",
                                                         "ReduceMean",
                                                         "AveragePool",
                                                         "GlobalAveragePool",
                                                         "MaxPool",
                                                         "Concat",
                                                         "Pad",
                                                         "QuantizeLinear",
                                                         "DequantizeLinear",
                                                         "QLinearConv",
                                                         "Gemm",
                                                         "MatMul",
                                                         "Flatten",
                                                         "Reshape",
                                                         "Transpose",
                                                         "Squeeze",
                                                         "Unsqueeze",
                                                         "Identity",
                                                         "Dropout",
                                                         "Constant",
                                                         "Cast"}));
}

TEST(OnnxImport, LayersReadWhatTheGraphSays) {
  const Network network = load_onnx(kFiles / "timm_efficientnet_opset11.onnx");
  const std::vector<Layer>& layers = network.layers();
  EXPECT_EQ(layers[6].inputs, (std::vector{2, 5}));  // gate on the depthwise convolution
  EXPECT_EQ(layers[8].inputs, (std::vector{7, 0}));  // residual sum with the stem
  EXPECT_EQ(layers[6].name, "Mul_se");
  const Network tokens = load_onnx(kFiles / "tokens_opset14.onnx");
  EXPECT_EQ(tokens.layers()[2].inputs, (std::vector{1, kNetworkInput}));
}

TEST(OnnxImport, ContentAndFileGiveTheSame) {
  std::ifstream stream(kFiles / "qdq_resnet_opset13.onnx", std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  const Network network = parse_onnx(content.str(), "some name");
  EXPECT_EQ(network.name(), "some name");
  EXPECT_EQ(network.layers(), load_onnx(kFiles / "qdq_resnet_opset13.onnx").layers());
}

TEST(OnnxImport, APathIsANetworkName) {
  const std::string file = (kFiles / "mlp_opset9.onnx").string();
  EXPECT_EQ(find_network(file).layers(), load_onnx(file).layers());
  EXPECT_THAT(input_error([] { find_network("no/such.onnx"); }),
              HasSubstr("no/such.onnx: cannot open"));
}

TEST(OnnxImport, AFileOfExternalDataIsNeededForShapesOnly) {
  const std::filesystem::path folder = write_yaml("").replace_extension("folder");
  std::filesystem::create_directories(folder);
  const std::filesystem::path alone = folder / "alone.onnx";
  std::filesystem::copy_file(kFiles / "external_opset18.onnx", alone,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(input_error([&] { load_onnx(alone); }),
              testing::AllOf(HasSubstr("alone.onnx: 2 nodes are not supported"),
                             HasSubstr("node 'node_mean' (ReduceMean)"),
                             HasSubstr("external_opset18.onnx.data': no such file")));
  const std::filesystem::path data = folder / "external_opset18.onnx.data";
  std::filesystem::copy_file(kFiles / "external_opset18.onnx.data", data,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(load_onnx(alone).layers(), load_onnx(kFiles / "external_opset18.onnx").layers());
  std::filesystem::resize_file(data, 704);  // of 760: what is there must be whole
  EXPECT_THAT(input_error([&] { load_onnx(alone); }), HasSubstr("too short"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace dovetail
