#pragma once

#include <string>

#include "models/network/layers/network.h"

namespace dovetail {

/// A network as JSON text, layer by layer with every member that is not its default: also one that
/// no block lines can say, read from ONNX. What was published about it is left out.
std::string to_json_text(const Network& network);
/// Reads it back as an equal network; throws InputError for anything else.
Network network_from_json_text(const std::string& text);

}  // namespace dovetail
