#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/network/layers/network.h"

namespace dovetail {

/// A network of an ONNX file with the numbers that it has there.
struct OnnxNumbers {
  Network network;
  /// By the names that save_onnx() gives to tensors: of each layer weight, bias, scale, shift, mean
  /// and variance.
  std::map<std::string, std::vector<float>> values;
  std::vector<std::string> left_out;  // nodes behind the layers, which are left to the host
};

/// Reads the network as load_onnx() does, and its weights: what layers here compute with them is
/// what the file says. Scales, shifts and batch normalisation that the importer makes parts of
/// layers go into their numbers. Throws what load_onnx() does, and InputError naming the nodes that
/// compute what layers here do not (functions of which the cost alone is modelled, rounding,
/// clipping to other bounds, ...), and tensors whose numbers are not in the file.
OnnxNumbers load_onnx_numbers(const std::filesystem::path& file);

}  // namespace dovetail
