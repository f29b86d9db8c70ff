#pragma once

#include <filesystem>
#include <vector>

#include "models/network/layers/network.h"
#include "models/network/onnx/onnx.h"
#include "sim/functional/post_training_quantization.h"

namespace dovetail {

/// How a network leaves for other programs, beside what save_onnx() is told.
struct NetworkExport {
  OnnxOptions onnx;
  bool int8 = false;  // with the scales of the functional mode, as QDQ
  ScaleRule scales = ScaleRule::kFitted;
  std::filesystem::path images;     // a folder (image_set.h): ranges are measured on its training
                                    // images; if it is empty, on normal random numbers
  std::filesystem::path test_data;  // a folder for input_0.pb and output_0.pb, ...; or none
  bool all_layers = false;          // and layer_0.pb, ... there, of every layer
};

/// Writes the network as ONNX, and if it is asked for, an input and what this program computes of
/// it, as the models of the ONNX project have them (test_data_set_0): the float reference, or, of
/// an int8 network, what the functional mode computes, as the numbers that its integers stand for.
/// Returns what was written. Throws what save_onnx() does, and InputError for layers that the
/// float reference does not compute, where it is needed, and for images of another size.
OnnxFiles export_network(const Network& network, const std::filesystem::path& file,
                         const NetworkExport& how);

}  // namespace dovetail
