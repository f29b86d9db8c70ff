#include "models/network/layers/network_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

void expect_same(const Network& network) {
  const Network again = network_from_json_text(to_json_text(network));
  EXPECT_EQ(again.name(), network.name());
  EXPECT_EQ(again.input(), network.input());
  EXPECT_EQ(again.layers(), network.layers());
}

TEST(NetworkJsonTest, EveryNetworkOfTheZooReadsBackEqual) {
  for (const ZooEntry& entry : list_zoo()) expect_same(load_network(entry.file));
}

TEST(NetworkJsonTest, EveryMemberTravels) {
  Layer layer;
  layer.name = "a \"b\"\n";
  layer.block = "block";
  layer.inputs = {kNetworkInput};
  layer.input = {9, 7, 4};
  layer.output = {3, 5, 8};
  layer.kernel_h = 3, layer.kernel_w = 2, layer.stride_h = 3, layer.stride_w = 2;
  layer.dilation_h = 2, layer.dilation_w = 3;
  layer.pad_top = 1, layer.pad_left = 2, layer.pad_bottom = 3, layer.pad_right = 4;
  layer.groups = 2;
  layer.activation = Activation::kHardSwish;
  layer.has_bias = layer.has_batch_norm = true;
  layer.bits = {4, 16, 24};
  expect_same(Network("n", {9, 7, 4}, {layer}));
}

TEST(NetworkJsonTest, BlocksOfChannelsAndWeightsThatAreNoParametersTravel) {
  const std::filesystem::path cases =
      std::filesystem::path(DOVETAIL_SOURCE_DIR) / "tests/models/network/onnx/onnx_cases";
  for (const char* file : {"pixel_shuffle.onnx", "depth_to_space.onnx", "layer_norm.onnx"}) {
    expect_same(load_onnx(cases / file));
  }
}

TEST(NetworkJsonTest, RefusesWhatIsNoNetwork) {
  const std::string text = to_json_text(find_network("mobilenet_v2"));
  EXPECT_THAT(message_of<InputError>([&] { network_from_json_text(text.substr(1)); }),
              testing::HasSubstr("network as JSON"));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return message_of<InputError>([&] { network_from_json_text(other); });
  };
  EXPECT_THAT(changed("\"kernel_h\"", "\"kernel_z\""), testing::HasSubstr("a member that layers"));
  EXPECT_THAT(changed("\"relu6\"", "\"relu9\""), testing::HasSubstr("did you mean 'relu'"));
}

}  // namespace
}  // namespace dovetail
