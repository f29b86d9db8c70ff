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
  std::string layers;         // operator, activation, + for a bias
  std::string not_written{};  // why ONNX export refuses it, if it does
};

// The stem is 3x3 from 3 to 4 channels at 8x8 positions.
constexpr std::int64_t kStem = 64 * 4 * 27, kStemWeights = 4 * 27;
constexpr std::int64_t kDense = 10 * 256, kDenseAll = 10 * 256 + 10;  // of the whole map
constexpr std::int64_t kHead = 10 * 4, kHeadAll = 10 * 4 + 10;        // of one position
constexpr std::int64_t kEach = 64 * 4;                                // one for each number

const char* const kFixed = "whose weights are no parameters";
const std::string kLayerNorm =
    "conv2d conv2d reorder add activation-table conv2d-table reorder multiply conv2d+";

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
    // Two sums of 4 channels at 64 positions; scale and shift are a layer that multiplies, too.
    {"layer_norm", kStem + 2 * kEach + kEach, kStemWeights + 8, kLayerNorm, kFixed},
    {"layer_norm_in_nodes", kStem + 2 * kEach + kEach, kStemWeights + 8, kLayerNorm, kFixed},
    {"instance_norm", kStem + kEach, kStemWeights + 8,
     "conv2d global_average_pool add activation-table global_average_pool-table multiply conv2d+"},
    {"group_norm", kStem + 2 * 4 + kEach, kStemWeights + 8,
     "conv2d global_average_pool conv2d reorder add activation-table global_average_pool "
     "conv2d-table reorder multiply conv2d+",
     kFixed},
    {"softmax_inside", kStem + kEach + 64 * 2 * 36, kStemWeights + 2 * 36,
     "conv2d-table conv2d-table reorder multiply conv2d", kFixed},
    {"response_norm", kStem + 4 * kEach, kStemWeights,
     "conv2d activation-table conv2d-table multiply", kFixed},
    {"length_norm", kStem + kEach, kStemWeights,
     "conv2d activation-table conv2d-table reorder multiply", kFixed},
    {"mean_of_channels", kStem + kEach, kStemWeights, "conv2d conv2d", kFixed},
    {"quotient", 2 * kStem, 2 * kStemWeights, "conv2d conv2d-table multiply"},
    // Each of 64 inputs of 4 channels through each tap to 2 channels.
    {"transposed", kStem + kEach * 2 * 9, kStemWeights + 4 * 2 * 9 + 2,
     "conv2d conv2d conv2d conv2d conv2d concat reorder+", "no bias or normalisation for reorder"},
    {"transposed_aligned", kStem + kEach * 2 * 4, kStemWeights + 4 * 2 * 4 + 4,
     "conv2d conv2d reorder-relu"},
    {"transposed_depthwise", kStem + kEach * 16, kStemWeights + 4 * 16,
     "conv2d conv2d conv2d conv2d conv2d concat reorder"},
    {"transposed_wide", kStem + kEach * 2 * 64, kStemWeights + 4 * 2 * 64,
     "conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d concat reorder",
     "a reorder that does several things at once"},
    {"transposed_by_five", kStem + kEach * 100, kStemWeights + 4 * 100,
     "conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d conv2d concat concat "
     "concat reorder"},
    {"transposed_in_place", kStem + kEach * 4 * 9, kStemWeights + 4 * 4 * 9, "conv2d conv2d"},
    {"transposed_line", 16 * 3 * 2 * 4, 3 * 2 * 4, "conv2d conv2d concat reorder",
     "a reorder that does several things at once"},
    {"depth_to_space", kStem, kStemWeights, "conv2d reorder"},
    {"pixel_shuffle", 2 * kStem, 2 * kStemWeights, "conv2d reorder"},
    {"space_to_depth", kStem, kStemWeights, "conv2d reorder reorder reorder reorder concat"},
    {"resized_linear", kStem + 4 * kEach * 4, kStemWeights, "conv2d reorder conv2d", kFixed},
    {"two_inputs", kStem + 64 * 4 * 18, kStemWeights + 4 * 18, "reorder reorder conv2d conv2d add"},
    {"thresholds_of_each", kStem, kStemWeights + 4, "conv2d-table+"},
    {"thresholds_of_all", kStem, kStemWeights, "conv2d-table"},
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
  if (!GetParam().not_written.empty()) {
    EXPECT_THAT(input_error([&] { export_graph(network); }),
                testing::HasSubstr(GetParam().not_written));
    return;
  }
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
  for (int c = 0; c < 4; ++c) order.push_back(shuffle.reordered_channel(0, 0, c));
  EXPECT_EQ(order, (std::vector{0, 2, 1, 3}));  // one of each half in turn
  const Layer larger = layers("upsampled.onnx")[1];
  EXPECT_EQ(larger.reorder.rows, (AxisPick{0, 1, 2}));
  EXPECT_EQ(larger.output, (TensorShape{16, 16, 4}));
  const std::vector<Layer> heads = layers("heads.onnx");
  EXPECT_EQ(heads[3].inputs, std::vector{0});  // the map leaves the accelerator, too
  EXPECT_EQ(layers("shared_weights.onnx")[1].weights_of, 0);
}

// Of 8 channels in blocks of 2x2, two for each position: next to each other, or four apart.
TEST(OnnxCases, BlocksOfChannelsBecomePositions) {
  const Layer inner = load_onnx(kFolder / "pixel_shuffle.onnx").layers()[1];
  EXPECT_EQ(inner.output, (TensorShape{16, 16, 2}));
  EXPECT_EQ(inner.reordered_channel(0, 0, 1), 4);
  EXPECT_EQ(inner.reordered_channel(3, 2, 1), 4 + 2);
  Layer parts = inner;
  parts.reorder.inner = false;
  EXPECT_EQ(parts.reordered_channel(0, 0, 1), 1);
  EXPECT_EQ(parts.reordered_channel(3, 2, 1), 2 * 2 + 1);
}

// Output 2m of a kernel of 3 with stride 2 and a padding of 1 reads input m through the middle tap,
// output 2m + 1 inputs m and m + 1 through the outer ones.
TEST(OnnxCases, PhasesOfATransposedConvolutionReadTheirInputs) {
  const std::vector<Layer> layers = load_onnx(kFolder / "transposed.onnx").layers();
  const auto window = [&](std::size_t i) {
    const Layer& l = layers[i];
    return std::vector{l.kernel_h, l.kernel_w, l.pad_top, l.pad_left, l.pad_bottom, l.pad_right};
  };
  EXPECT_EQ(window(1), (std::vector{1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(window(2), (std::vector{1, 2, 0, 0, 0, 1}));
  EXPECT_EQ(window(3), (std::vector{2, 1, 0, 0, 1, 0}));
  EXPECT_EQ(window(4), (std::vector{2, 2, 0, 0, 1, 1}));
  EXPECT_EQ(layers[6].output, (TensorShape{16, 16, 2}));
}

}  // namespace
}  // namespace dovetail
