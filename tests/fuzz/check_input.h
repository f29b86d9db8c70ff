#pragma once

#include <string_view>

namespace dovetail {

// What any bytes must pass: the fuzzers try it, and a test on all that they ever found. Each throws
// std::logic_error, or crashes, if the program is wrong; input that is refused is right.

/// As an ONNX model: a network or an InputError. Whatever is read can be written and read again as
/// the same network.
void check_onnx(std::string_view content);

/// As a network YAML: a network with counts or an InputError.
void check_network_yaml(std::string_view content);

/// As a network space YAML: a space or an InputError. Its points are networks or InputErrors, and
/// decisions that are not active have no effect.
void check_space_yaml(std::string_view content);

}  // namespace dovetail
