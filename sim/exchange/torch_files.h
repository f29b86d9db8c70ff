#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/network/layers/network.h"

namespace dovetail {

/// The layers of a network as JSON (schema dovetail.network_layers/1), which dovetail_torch.py and
/// network_from_json_text() read: what each layer is, but for members at their defaults.
std::string network_layers_json(const Network& network);

/// Writes network.json to `folder` (created if missing) and puts dovetail_torch.py beside it, which
/// makes a torch.nn.Module of it. Returns the files. Throws InputError if the folder cannot be
/// written, RunError if the script did not come with the program.
std::vector<std::filesystem::path> write_torch_files(const Network& network,
                                                     const std::filesystem::path& folder);

}  // namespace dovetail
