#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "base/numbers/decision_space.h"
#include "models/network/blocks/block.h"
#include "models/network/blocks/block_line.h"

namespace dovetail {

/// Block lines, the one text form of networks: "mb k=5 s=2 e=6 c=40 n=3". In a network space, any
/// value may be a decision ("k=$ks0") and a line may end in a condition ("when $d0 >= 3"); a plain
/// network has neither. Grammar: docs/networks.md.
///
/// Everything that text says is checked and turned into numbers when it is read, so that resolving
/// a point is a walk over small arrays.
class BlockTemplate {
 public:
  /// As parse_block_lines(), with its errors.
  BlockTemplate(const YamlNode& blocks, const std::optional<YamlNode>& defaults,
                const DecisionSpace& decisions);

  /// The blocks of a point, for an input of so many channels. `choices` must be valid.
  /// Throws InputError with the place of the line if groups do not divide channels.
  std::vector<Block> resolve(const Choices& choices, int input_channels) const;
  /// Appends the blocks of one line behind an input of so many channels; none where its condition
  /// does not hold. The same error.
  static void append_blocks(const BlockLine& line, const Choices& choices, int input_channels,
                            std::vector<Block>& blocks);

  /// The network of resolved blocks. Throws InputError with the place of the line if a fully
  /// connected layer without `flatten` meets an input that is not 1x1, or one with it a 1x1 input.
  Network build(std::string name, const TensorShape& input, std::span<const Block> blocks) const;

  /// Sets read[i] for each decision that resolve() looks at; the others have no effect there.
  void mark_read(const Choices& choices, std::vector<bool>& read) const;
  /// Whether any line has the decision in a value or condition.
  bool mentions(std::size_t decision) const;
  const std::vector<BlockLine>& lines() const { return lines_; }

 private:
  static Block make_block(const BlockLine& line, const BlockValues& values, int input_channels,
                          int stride);
  static void set_mobile_parts(Block& block, const BlockValues& values, int input_channels);
  static void check_groups(const BlockLine& line, const Block& block, int input_channels);
  static void check_flatten(const BlockLine& line, const Block& block, const TensorShape& input);

  std::vector<BlockLine> lines_;
};

/// Reads {height, width, channels}.
TensorShape read_input_shape(const YamlNode& node);

}  // namespace dovetail
