#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/onnx/export_graph.h"
#include "models/network/onnx/onnx.h"

namespace dovetail {

/// Makes the numbers of the `stream`-th weight of a file and hands them on as bytes, in pieces:
/// those that are known, else trained ones, zeros and ones, or random ones.
void make_numbers(const OnnxWeight& weight, const OnnxOptions& options, std::uint64_t stream,
                  const std::function<void(std::string_view bytes)>& take);

/// The float32 numbers that save_onnx() would write, by the names of their tensors.
std::map<std::string, std::vector<float>> weight_numbers(const Network& network,
                                                         const OnnxOptions& options);

}  // namespace dovetail
