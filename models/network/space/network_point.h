#pragma once

#include "models/network/blocks/block_network.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// The point of `space` that builds the same layers as `network`, whatever their names are; a
/// decision without an effect there takes its first choice. Throws InputError, which says what of
/// the network no choice gives.
Choices point_of(const NetworkSpace& space, const BlockNetwork& network);

}  // namespace dovetail
