#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/layers/network.h"
#include "models/network/onnx/onnx_int8.h"
#include "models/network/onnx/onnx_metadata.h"

namespace dovetail {

/// Reads the network of an ONNX file (docs/onnx.md): operator sets 1 to 23, one input, of a batch
/// one image. Weights are not read, only their shapes, so a missing file of external data matters
/// only where a shape or a bound stands in it. Named after the file, or as it was named if
/// save_onnx() wrote it. Throws InputError naming the file, and all nodes with their operators that
/// are not supported, and for a file that is no ONNX model, cut off, or too large (2 GiB, or 8 MiB
/// beside the weights).
Network load_onnx(const std::filesystem::path& file);

/// The same of a file's content; `name` stands for the file. External data is not looked for.
Network parse_onnx(std::string_view content, const std::string& name);

/// Whether a file of this name is taken for an ONNX file: it ends in .onnx, in letters of any case.
bool is_onnx_name(std::string_view file);

enum class OnnxWeights { kZero, kRandom };

struct OnnxOptions {
  OnnxWeights weights = OnnxWeights::kRandom;
  std::uint64_t seed = 0;      // of random weights: uniform, as He et al. 2015 scale them
  bool external_data = false;  // weights go to FILE.data beside FILE
  /// Trained numbers by the names of their tensors; if there are any, all must be there.
  std::map<std::string, std::vector<float>> values{};
  /// The network in int8: then each layer stands between QuantizeLinear and DequantizeLinear, and
  /// what the options above say of float32 weights is not asked.
  std::optional<OnnxInt8> int8{};
  /// Shown beside the model and its nodes by viewers; nothing here reads it.
  OnnxMetadata metadata{};
};

/// What was written. `bytes` counts all files, `weights` the numbers in them that are weights or
/// biases, float32 or int8.
struct OnnxFiles {
  std::vector<std::filesystem::path> files;
  std::uintmax_t bytes = 0;
  std::int64_t weights = 0;
};

/// Writes the network as ONNX (operator set 13, float32, batch 1, NCHW), each node with the layer
/// and block that it belongs to, so that load_onnx() gives the same network back. What is written
/// has passed the ONNX library's checker and strict shape inference. The bytes depend on the
/// network, the options and the version only. Throws InputError for what ONNX cannot say (a dilated
/// average pool), for a model above 2 GiB without external data and for trained numbers that are
/// not this network's, before anything is written.
OnnxFiles save_onnx(const Network& network, const std::filesystem::path& file,
                    const OnnxOptions& options = {});

}  // namespace dovetail
