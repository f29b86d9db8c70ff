#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "models/network/onnx/onnx.h"

namespace CLI {
class App;
}

namespace dovetail {

/// Adds to a command that writes ONNX files how they are written: --weights, --seed,
/// --external-data.
std::shared_ptr<OnnxOptions> add_onnx_options(CLI::App& command);

/// The same of a command that writes one network: `weights` is then what --weights says, also
/// "own" and a file that ends in .safetensors, or empty.
std::shared_ptr<OnnxOptions> add_onnx_options(CLI::App& command, std::string& weights);

/// Prints "FILE (1.2 MB)", unless quiet.
void print_file(const std::filesystem::path& file);

}  // namespace dovetail
