#pragma once

#include <string_view>

namespace dovetail {

/// As the YAML of an accelerator or of a space of them: what is read is written and read again as
/// the same, or it is an InputError; a point of a space is its own after decode() and encode().
/// Throws std::logic_error, or crashes, if the program is wrong.
void check_hardware_yaml(std::string_view content);

}  // namespace dovetail
