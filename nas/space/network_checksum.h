#pragma once

#include <string>

#include "models/network/layers/network.h"

namespace dovetail {

/// Changes with everything about a network that a simulation depends on.
std::string layers_checksum(const Network& network);

/// The same, and with its name and what is published of it.
std::string network_checksum(const Network& network);

}  // namespace dovetail
