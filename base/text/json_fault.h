#pragma once

#include <exception>
#include <string>

namespace dovetail {

/// What a JSON library says is wrong with a text, without its own names: "[json.exception.N] ...".
/// What others say stays.
std::string json_fault(const std::exception& fault);

}  // namespace dovetail
