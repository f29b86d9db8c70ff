#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "models/network/blocks/block_network.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// Reads a network YAML (`schema: dovetail.network/1`).
Network load_network(const std::filesystem::path& file);
/// The same of a document that has been read.
Network read_network(const YamlNode& document);

/// A network by zoo name, alias or path to a YAML or ONNX file (onnx/onnx.h); throws InputError
/// naming the nearest known one. A name or YAML file with @512px behind it is the network at an
/// input of 512 x 512, without its published figures. A name or file of a network space with
/// choices behind it (ofa_mbv3:ks0=3,e0=4,...) is that point; a decision without an effect there
/// may be left out.
Network find_network(const std::string& name_or_path);

/// The same as the blocks that it is made of. Throws InputError for an ONNX network that has layers
/// that no block line builds.
BlockNetwork find_block_network(const std::string& name_or_path);

struct ZooEntry {
  std::string name;
  std::vector<std::string> aliases;
  std::filesystem::path file;
};
/// All networks in configs/networks, by name.
std::vector<ZooEntry> list_zoo();

}  // namespace dovetail
