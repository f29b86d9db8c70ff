#pragma once

#include <map>
#include <span>
#include <string>

#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/onnx.h"

namespace dovetail {

/// A second opinion: runs the ONNX library's checker and strict shape inference on the graph and
/// returns the sizes of the tensors that it knows fully; empty if the graph is of a version that
/// the library does not know, or gives int8 operands to operators that the standard has for
/// floating point. Constants without values count as inputs. Throws InputError with what the
/// library says. Only for graphs that this program made or understood: the library divides by a
/// stride of 0 and reads past the end of lists that are too short.
std::map<std::string, OnnxDims> library_shapes(const OnnxGraph& graph);

/// The content of the file that write_onnx() writes beside external data of that name. The data is
/// not made: reading the network does not need it.
std::string onnx_bytes(const ExportedGraph& exported, const std::string& data_file);

/// Checks the graph with library_shapes() and writes it with its weights (save_onnx()).
OnnxFiles write_onnx(const ExportedGraph& exported, const std::filesystem::path& file,
                     const OnnxOptions& options);

/// The content of a file with one float32 tensor (TensorProto), as test data of models have them.
std::string onnx_tensor_bytes(const std::string& name, const OnnxDims& dims,
                              std::span<const float> values);

}  // namespace dovetail
