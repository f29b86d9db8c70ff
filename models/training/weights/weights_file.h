#pragma once

#include <filesystem>

#include "models/training/weights/network_weights.h"

namespace dovetail {

/// Writes the weights of a network as a tensor file (safetensors).
void save_weights(const NetworkWeights& weights, const Network& network,
                  const std::filesystem::path& file);

/// Throws InputError naming the file unless it has the weights of this network.
NetworkWeights load_weights(const std::filesystem::path& file, const Network& network);

}  // namespace dovetail
