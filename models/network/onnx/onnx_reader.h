#pragma once

#include <filesystem>
#include <string>

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// The graph in a slim model (slim_model.h). Constants of at most OnnxTensor::kMostValues elements
/// have their values, also those in files of external data beside the model, in `folder`; if that
/// is empty they are not looked for. Throws InputError, without the file's name, for what is no
/// model, for tensors whose data does not fit their shape, lies outside the folder or behind the
/// end of its file, and for sizes out of bounds.
OnnxGraph read_onnx_graph(const std::string& slim, const std::filesystem::path& folder);

}  // namespace dovetail
