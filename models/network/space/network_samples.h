#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/network/layers/network.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// One network of a space and the point it stands at.
struct NetworkSample {
  Choices choices;  // canonical
  Network network;
};

/// `count` different networks, uniform over the decisions of the space; the first n do not depend
/// on `count`. Throws InputError if the space does not seem to have so many: if 10,000 draws in a
/// row bring nothing new.
std::vector<NetworkSample> sample_networks(const NetworkSpace& space, std::size_t count,
                                           std::uint64_t seed);

/// Writes one network YAML for each, `network_0.yaml` and so on, and `networks.csv` with a row for
/// each: file, every decision (empty where it has no effect), multiply-accumulates and parameters.
/// With a column `top1` it is what `dovetail fit-accuracy` reads. Creates the folder; returns the
/// path of the CSV. Throws InputError if the folder cannot be written.
std::filesystem::path write_samples(const std::filesystem::path& folder, const NetworkSpace& space,
                                    const std::vector<NetworkSample>& samples);

}  // namespace dovetail
