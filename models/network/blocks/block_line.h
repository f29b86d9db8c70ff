#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "base/numbers/decision_space.h"
#include "models/network/blocks/block_grammar.h"

namespace dovetail {

/// One value for each BlockKey; what an option does not say is 0.
using BlockValues = std::array<double, kBlockKeys>;

/// A block line that is read and checked: "mb k=$ks0 s=2 e=6 c=40 when $d0 >= 3".
struct BlockLine {
  /// The value of `key` is that of the decision's choice.
  struct Substitution {
    BlockKey key;
    std::size_t decision;
    std::vector<double> values;  // one a choice
  };
  /// The line is there where the decision's choice holds.
  struct Condition {
    std::size_t decision;
    std::vector<bool> holds;  // one a choice
  };

  YamlNode node;  // where it stands, for messages
  BlockKind kind;
  std::string name;  // of the layer; empty for blocks of several
  BlockValues values{};
  std::vector<Substitution> substitutions{};
  std::optional<Condition> condition{};

  bool holds(const Choices& choices) const {
    return !condition || condition->holds[choices[condition->decision]];
  }
};

/// Reads a sequence of block lines, and `defaults`, one line of options that hold wherever a block
/// line has them not. Throws InputError with the place of the line for an unknown kind, option or
/// decision, a missing or bad value (for every choice of a decision), options that contradict each
/// other, and defaults that no line takes.
std::vector<BlockLine> parse_block_lines(const YamlNode& blocks,
                                         const std::optional<YamlNode>& defaults,
                                         const DecisionSpace& decisions);

}  // namespace dovetail
