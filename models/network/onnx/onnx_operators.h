#pragma once

#include <string>
#include <vector>

namespace dovetail {

struct Converter;
struct OnnxNode;

/// An operator that load_onnx() understands.
struct OnnxOperator {
  std::string name;
  std::string becomes;  // what it is turned into, in words
};
/// In the order of their names; "com.microsoft." before those of that domain.
std::vector<OnnxOperator> onnx_operators();

/// What converts a node; throws InputError naming the supported ones if nothing does.
const Converter& find_converter(const OnnxNode& node);

}  // namespace dovetail
