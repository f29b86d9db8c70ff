// Layers that only ONNX files make, with int8 data on several accelerators, and what of them
// functional mode refuses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "base/text/error.h"
#include "models/network/onnx/onnx.h"
#include "sim/functional/random_quantization.h"
#include "sim/functional/reference.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

Network small_file(const std::string& name) {
  return load_onnx(std::filesystem::path(DOVETAIL_SOURCE_DIR) /
                   "tests/models/network/onnx/onnx_cases" / (name + ".onnx"));
}

AcceleratorConfig accelerator(int pes_x, int pes_y, int lanes) {
  AcceleratorConfig config =
      AcceleratorConfig::load(resolve_config("accelerators", "nahas_baseline"));
  config.pes_x = pes_x;
  config.pes_y = pes_y;
  config.compute_lanes = lanes;
  return config;
}

TEST(OnnxFunctional, EqualsTheReferenceBitForBit) {
  Simulator simulator;
  for (const char* name :
       {"depth_to_space", "pixel_shuffle", "space_to_depth", "transposed", "transposed_aligned",
        "transposed_depthwise", "transposed_wide", "transposed_by_five", "transposed_line",
        "layer_norm", "instance_norm", "group_norm", "softmax_inside", "length_norm", "two_inputs",
        "thresholds_of_each"}) {
    SCOPED_TRACE(name);
    const Network network = small_file(name);
    const QuantizedNetwork quantized = random_quantization(network, 7);
    const QuantizedTensor input = random_input(network, 7);
    const QuantizedTensor expected = reference_output(network, quantized, input);
    for (const AcceleratorConfig& config :
         {accelerator(4, 4, 4), accelerator(1, 1, 1), accelerator(2, 1, 8), accelerator(8, 6, 2)}) {
      const FunctionalResult result = simulator.run_functional(network, config, quantized, input);
      ASSERT_TRUE(result.timing.feasible()) << result.timing.reason_text;
      EXPECT_EQ(result.output.data, expected.data);
      EXPECT_TRUE(result.counts.sound());
      EXPECT_EQ(result.counts.macs, network.macs());
    }
  }
}

TEST(OnnxFunctional, WeightsOfASumAreOnes) {
  const Network network = small_file("mean_of_channels");
  const QuantizedNetwork quantized = random_quantization(network, 3);
  EXPECT_THAT(quantized.layers[1].weights, testing::Each(1));
}

TEST(OnnxFunctional, WhatIsModelledByItsCostAloneIsRefusedByName) {
  for (const char* name : {"response_norm", "resized_linear"}) {
    const Network network = small_file(name);
    try {
      random_quantization(network, 0);
      ADD_FAILURE() << name;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("functional mode does not compute its operator"))
          << name;
    }
  }
}

}  // namespace
}  // namespace dovetail
