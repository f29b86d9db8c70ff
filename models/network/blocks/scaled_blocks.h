#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "models/network/blocks/block_network.h"

namespace dovetail {

/// Blocks of a network that are deepened and widened together: those that follow one another with
/// one number of output channels, the first alone with a stride; or the stem, the convolution that
/// the network begins with, which is widened alone.
struct BlockStage {
  std::size_t first = 0;  // position of its first block
  int blocks = 1;
  int channels = 0;  // of the output of each
  bool stem = false;
  int reduction = 1;  // of height and width, against the network's input, behind it
};

/// How deep, wide and finely resolved a network is: what scaling chooses.
struct NetworkScale {
  int resolution = 0;         // height of the input; the width keeps its proportion to it
  std::vector<int> blocks;    // of each stage
  std::vector<int> channels;  // of each stage

  auto operator<=>(const NetworkScale&) const = default;
};

/// A network and all that it becomes when its stages are made deeper or shallower, wider or
/// narrower, and its input larger or smaller. What is in no stage (the head, pools, fully connected
/// layers) stays as it is.
class ScalableNetwork {
 public:
  /// Throws InputError if no stage is found: the network has neither stem nor block of several
  /// layers.
  explicit ScalableNetwork(BlockNetwork base);

  const BlockNetwork& base() const { return base_; }
  const std::vector<BlockStage>& stages() const { return stages_; }
  /// The scale of the network itself, at which it is given back block for block.
  const NetworkScale& scale() const { return scale_; }

  /// The network at another scale. Blocks beyond those of a stage are its last one again, with
  /// stride 1; of fewer the last ones are left out. Hidden channels keep their ratio to the block's
  /// input (rounded to multiples of eight, as round_channels()), those of bottlenecks to its
  /// output, squeezed ones to the input's. Throws InputError for a number that is not above 0, more
  /// than one block of a stem, or another number of stages.
  BlockNetwork at(const NetworkScale& scale, const std::string& name) const;
  /// For each block of at(scale), the stage that it is of; -1 outside stages.
  std::vector<int> stage_of_blocks(const NetworkScale& scale) const;

 private:
  void require(const NetworkScale& scale) const;
  /// Positions of the blocks of the base that those of a scale are made of.
  std::vector<std::size_t> patterns(const NetworkScale& scale) const;

  BlockNetwork base_;
  std::vector<BlockStage> stages_;
  NetworkScale scale_;
  std::vector<int> inputs_;  // channels into each block of the base
};

}  // namespace dovetail
