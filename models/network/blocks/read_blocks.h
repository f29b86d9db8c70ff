#pragma once

#include "models/network/blocks/block_network.h"

namespace dovetail {

/// The blocks of a network that is a list of layers, as an ONNX file gives it. Kinds that are read:
/// conv, dw, ds, mb, fused, pool, avgpool, maxpool, fc. Names of layers are not kept, and inside
/// ds, mb and fused there is batch normalisation and no bias, so that parameters may be counted
/// otherwise. Throws InputError naming the first layer that differs from
/// what block lines build.
BlockNetwork read_blocks(const Network& network);

}  // namespace dovetail
