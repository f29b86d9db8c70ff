// Weights of an ONNX file go through import and export. Files of other exporters:
// tests/cli/exported_numbers_test.py.

#include "models/network/onnx/own_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/atomic_file.h"
#include "base/numbers/random.h"
#include "models/network/onnx/onnx.h"
#include "models/network/onnx/weight_numbers.h"
#include "models/network/zoo.h"
#include "tests/models/network/test_support.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

/// Numbers as training leaves them: nothing is 0 or 1.
std::map<std::string, std::vector<float>> trained(const Network& network) {
  auto values = weight_numbers(network, {});
  Rng rng(5);
  for (auto& [name, numbers] : values) {
    for (float& number : numbers) number = static_cast<float>(0.5 + rng.uniform());
  }
  return values;
}

std::filesystem::path file_of_test() {
  return write_yaml("").replace_extension("onnx");
}

TEST(OwnNumbersTest, WhatWasWrittenIsReadAgainToTheBit) {
  for (const char* name : {"mobilenet_v3_small", "efficientnet_lite0", "resnet18", "vgg_16@32px"}) {
    SCOPED_TRACE(name);
    const Network network = find_network(name);
    const auto values = trained(network);
    for (const bool external : {false, true}) {
      save_onnx(network, file_of_test(), {.external_data = external, .values = values});
      const OnnxNumbers read = load_onnx_numbers(file_of_test());
      EXPECT_EQ(read.network.layers(), network.layers());
      EXPECT_TRUE(read.left_out.empty());
      EXPECT_TRUE(read.values == values);
    }
  }
}

TEST(OwnNumbersTest, ExportedAgainTheBytesAreTheSame) {
  const Network network = find_network("mobilenetv1_0.25_128");
  save_onnx(network, file_of_test(), {.seed = 4});
  const std::string before = read_file(file_of_test());
  const OnnxNumbers read = load_onnx_numbers(file_of_test());
  save_onnx(read.network, file_of_test(), {.values = read.values});
  EXPECT_TRUE(read_file(file_of_test()) == before);
}

TEST(OwnNumbersTest, WhatCannotBeKeptIsNamed) {
  const Network network = find_network("mobilenetv1_0.25_128");
  save_onnx(network, file_of_test(), {.external_data = true});
  std::filesystem::remove(file_of_test().string() + ".data");
  EXPECT_THAT(input_error([] { load_onnx_numbers(file_of_test()); }), HasSubstr("no such file"));
  EXPECT_THAT(input_error([] { load_onnx_numbers("none.onnx"); }), HasSubstr("none.onnx"));
  EXPECT_THAT(input_error([] {
                load_onnx_numbers(std::filesystem::path(DOVETAIL_SOURCE_DIR) /
                                  "tests/models/network/onnx/onnx_cases/gelu.onnx");
              }),
              testing::AllOf(HasSubstr("gelu.onnx: its numbers cannot be kept"),
                             HasSubstr("its cost alone is modelled")));
}

}  // namespace
}  // namespace dovetail
