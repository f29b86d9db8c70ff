// The smallest files of each form that popular code and exporters write (onnx_cases), with the
// multiply-accumulates, parameters and layers worked out by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/onnx_writer.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/models/network/onnx/onnx_cases";

struct SmallFile {
  std::string name;
  std::int64_t macs, parameters;
  std::string layers;  // operator, activation, + for a bias
};

// The stem is 3x3 from 3 to 4 channels at 8x8 positions.
constexpr std::int64_t kStem = 64 * 4 * 27, kStemWeights = 4 * 27;
constexpr std::int64_t kDense = 10 * 256, kDenseAll = 10 * 256 + 10;  // of the whole map
constexpr std::int64_t kHead = 10 * 4, kHeadAll = 10 * 4 + 10;        // of one position

const std::vector<SmallFile> kSmallFiles = {
    {"ir3", kStem, kStemWeights, "conv2d"},
    {"two_means_kept", kStem + kHead, kStemWeights + kHeadAll,
     "conv2d global_average_pool fully_connected+"},
    {"two_means_dropped", kStem + kHead, kStemWeights + kHeadAll,
     "conv2d global_average_pool fully_connected+"},
    {"sum_pool", kStem + kHead, kStemWeights + kHeadAll,
     "conv2d global_average_pool fully_connected+"},
    {"once_for_all", 64 * (4 * 3 + 16 * 4) + 2 * 4 + 4 * 2 + 10 * 16,
     4 * 3 + (2 * 4 + 2) + (4 * 2 + 4) + 16 * 4 + (10 * 16 + 10),
     "conv2d-hswish global_average_pool fully_connected-relu+ fully_connected-hsigmoid+ multiply "
     "conv2d global_average_pool fully_connected+"},
    {"relu6_as_max_and_min", kStem, kStemWeights, "conv2d-relu6"},
    {"clip_of_nothing", kStem, kStemWeights, "conv2d"},
    {"flatten_from_the_end", 40, 40, "fully_connected"},
    {"gemm_turned", 40, 40, "fully_connected"},
    {"matmul_constant_first", kStem + 64 * 6 * 4, kStemWeights + 6 * 4, "conv2d conv2d"},
    {"slice_of_all", kStem, kStemWeights, "conv2d"},
    {"slice_to_the_end", kStem + 64 * 2 * 18, kStemWeights + 2 * 18, "conv2d reorder conv2d"},
    {"split_and_concat", kStem + 64 * 2 * 18, kStemWeights + 2 * 18,
     "conv2d reorder reorder conv2d concat"},
    {"channel_shuffle", kStem + 64 * 4 * 18, kStemWeights + 4 * 18, "conv2d reorder conv2d"},
    {"gather_heads", kStem + 2 * 256, kStemWeights + 2 * 256,
     "conv2d fully_connected reorder reorder-sigmoid"},
    {"stripped", kStem, kStemWeights, "conv2d"},
    {"integer_requantised", kStem, kStemWeights + 4, "conv2d-relu+"},
    {"requant_shift", kStem, kStemWeights + 4, "conv2d-relu+"},
    {"brevitas", kStem, kStemWeights, "conv2d-relu"},
    {"channels_last", kStem, kStemWeights, "conv2d-table max_pool"},
    {"dynamic_quantisation", kStem, kStemWeights + 4, "conv2d+"},
    {"int8_conv", kStem, kStemWeights, "conv2d"},
    {"fused_conv", kStem, kStemWeights, "conv2d-relu"},
    {"if_constant", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"if_of_a_shape", kStem + kHead, kStemWeights + kHeadAll,
     "conv2d global_average_pool fully_connected+"},
    {"shared_weights", 2 * 64 * 4 * 36, 4 * 36, "conv2d-relu conv2d"},
    {"shape_by_product", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"shape_by_split", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"shape_by_choice", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"add_to_each_position", 64 * 4 * 3 + 4 * 3, 2 * 4 * 3,
     "conv2d global_average_pool conv2d add"},
    {"gate_of_positions", kStem + 64 * 36, kStemWeights + 36,
     "conv2d conv2d-sigmoid reorder multiply"},
    {"difference", 2 * kStem, 2 * kStemWeights, "conv2d conv2d add add-relu add"},
    {"argmax_at_the_end", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"line", 8 * 4 * 9 + kHead, 4 * 9 + kHeadAll,
     "conv2d-relu max_pool global_average_pool fully_connected+"},
    {"line_of_keras", 16 * 4 * 9 + 64 * 10, 4 * 9 + 64 * 10, "conv2d fully_connected"},
    {"opset6", kStem + kDense, kStemWeights + 4 + 8 + kDenseAll, "conv2d-relu+ fully_connected+"},
    {"softmax_and_argmax", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"batch", kStem + kDense, kStemWeights + kDenseAll, "conv2d fully_connected+"},
    {"heads", kStem + 64 * 7 * 36, kStemWeights + 7 * 36, "conv2d-relu conv2d conv2d reorder"},
    {"upsampled", kStem + 256 * 2 * 36, kStemWeights + 2 * 36, "conv2d reorder conv2d"},
    {"gelu", kStem, kStemWeights, "conv2d-table"},
    {"leaky_as_maximum", kStem, kStemWeights, "conv2d-table"},
    {"prelu", kStem + 64 * 4, kStemWeights + 4, "conv2d activation-relu conv2d-relu add"},
    {"hard_tanh", kStem, kStemWeights, "conv2d-clamp"},
};

std::string in_short(const Network& network) {
  std::vector<std::string> parts;
  for (const Layer& layer : network.layers()) {
    std::string word = to_string(layer.op);
    if (layer.activation != Activation::kNone) word += "-" + to_string(layer.activation);
    if (layer.has_bias) word += "+";
    parts.push_back(word);
  }
  return join(parts, " ");
}

class OnnxCase : public testing::TestWithParam<SmallFile> {};

TEST_P(OnnxCase, HasTheCountsAndLayersWorkedOutByHand) {
  const Network network = load_onnx(kFolder / (GetParam().name + ".onnx"));
  EXPECT_EQ(network.macs(), GetParam().macs);
  EXPECT_EQ(network.parameters(), GetParam().parameters);
  EXPECT_EQ(in_short(network), GetParam().layers);
}

// What was read is written and read again without a change but of names that had none.
TEST_P(OnnxCase, IsTheSameWhenItIsWrittenAndReadAgain) {
  const Network network = load_onnx(kFolder / (GetParam().name + ".onnx"));
  const Network again = parse_onnx(onnx_bytes(export_graph(network), "data"), "again");
  EXPECT_EQ(again.layers(), network.layers());
}

INSTANTIATE_TEST_SUITE_P(Onnx, OnnxCase, testing::ValuesIn(kSmallFiles),
                         [](const auto& test) { return test.param.name; });

TEST(OnnxCases, EachFileHasItsLine) {
  std::set<std::string> files, lines;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".onnx") files.insert(entry.path().stem());
  }
  for (const SmallFile& file : kSmallFiles) lines.insert(file.name);
  EXPECT_EQ(files, lines);
}

TEST(OnnxCases, ReordersTakeWhatTheGraphSays) {
  const auto layers = [](const char* name) { return load_onnx(kFolder / name).layers(); };
  const std::vector<Layer> split = layers("split_and_concat.onnx");
  EXPECT_EQ(split[1].reorder.channels, (AxisPick{0, 1, 1}));
  EXPECT_EQ(split[2].reorder.channels, (AxisPick{2, 1, 1}));
  EXPECT_EQ(split[1].output, (TensorShape{8, 8, 2}));
  EXPECT_EQ(split[4].inputs, (std::vector{1, 3}));
  const Layer shuffle = layers("channel_shuffle.onnx")[1];
  std::vector<int> order;
  for (int c = 0; c < 4; ++c) order.push_back(shuffle.reordered_channel(c));
  EXPECT_EQ(order, (std::vector{0, 2, 1, 3}));  // one of each half in turn
  const Layer larger = layers("upsampled.onnx")[1];
  EXPECT_EQ(larger.reorder.rows, (AxisPick{0, 1, 2}));
  EXPECT_EQ(larger.output, (TensorShape{16, 16, 4}));
  const std::vector<Layer> heads = layers("heads.onnx");
  EXPECT_EQ(heads[3].inputs, std::vector{0});  // the map leaves the accelerator, too
  EXPECT_EQ(layers("shared_weights.onnx")[1].weights_of, 0);
}

}  // namespace
}  // namespace dovetail
