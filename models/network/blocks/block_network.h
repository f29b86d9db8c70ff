#pragma once

#include <string>
#include <vector>

#include "models/network/blocks/block.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// A network as the blocks that it is made of, with every number known: what a network file or a
/// point of a space says, and what scaling changes.
struct BlockNetwork {
  std::string name;
  TensorShape input;
  std::vector<Block> blocks;
  PublishedFigures published{};

  /// Throws InputError for groups that do not divide channels, and for a fully connected layer
  /// whose input is not 1x1 and that does not flatten it.
  Network build() const;
  /// A network file (`schema: dovetail.network/1`), which reads back as the same network.
  std::string to_yaml() const;
};

}  // namespace dovetail
