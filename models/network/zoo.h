#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/network/network.h"

namespace dovetail {

/// Reads a network YAML (`schema: dovetail.network/1`).
Network load_network(const std::filesystem::path& file);

/// A network by zoo name, alias or path to a YAML; throws InputError naming the nearest known one.
Network find_network(const std::string& name_or_path);

struct ZooEntry {
  std::string name;
  std::vector<std::string> aliases;
  std::filesystem::path file;
};
/// All networks in configs/networks, by name.
std::vector<ZooEntry> list_zoo();

}  // namespace dovetail
