#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dovetail {

/// Texts that a viewer shows beside a model and its nodes (metadata_props).
struct OnnxMetadata {
  using Entries = std::vector<std::pair<std::string, std::string>>;  // key and value

  Entries model;
  /// By the names of layers: of the node that does a layer's own work, so that the numbers of all
  /// nodes add up to those of the network.
  std::map<std::string, Entries> layers;
};

}  // namespace dovetail
