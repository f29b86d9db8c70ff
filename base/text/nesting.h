#pragma once

#include <string_view>

namespace dovetail {

/// Whether a text of JSON has more objects and arrays in one another than `most`: parsers may do
/// without the stack, but what prints or walks a value does not.
bool is_nested_deeper(std::string_view json, int most);

}  // namespace dovetail
