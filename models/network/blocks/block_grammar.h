#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/blocks/block.h"

namespace dovetail {

/// The options of block lines ("k=3"). What each means, where it may stand and which values it
/// takes stands once, in block_options().
enum class BlockKey : std::uint8_t {
  kKernel,
  kStride,
  kDilation,
  kChannels,
  kExpansion,
  kExpansionRound,
  kHidden,
  kRepeat,
  kGroups,
  kActivation,
  kSe,
  kSeOf,
  kSeRound,
  kSeChannels,
  kSeInner,
  kSeGate,
  kExpand,
  kSkip,
  kBias,
  kBatchNorm,
  kFlatten,
};
inline constexpr int kBlockKeys = 21;

/// One row of the grammar. Every value is one number; that of a word is its position in `words`,
/// that of a window its size as window_of() reads it.
struct BlockOption {
  BlockKey key;
  std::string name;              // "k"
  std::vector<BlockKind> kinds;  // where it may stand
  enum class Type { kInteger, kWindow, kOddWindow, kNumber, kWord } type;
  double min = 0, max = 0;         // inclusive; not for words
  std::vector<std::string> words;  // for words: in the order of their values
  std::optional<double> fallback;  // value where the line does not say; none: required
  bool from_defaults = false;      // may stand in the file's `defaults`
  std::string meaning;

  bool allowed_in(BlockKind kind) const;
  /// "integer 1 to 64", "no, auto".
  std::string allowed_values() const;
  /// "3", "auto", "" if there is none.
  std::string fallback_text() const;
  /// The number of a value as written, or nothing if it is not an allowed one.
  std::optional<double> parse(std::string_view text) const;
};

/// The window that a value of kWindow and kOddWindow stands for.
WindowSize window_of(double value);

/// The whole grammar. A name may have several rows if its values differ between kinds.
std::span<const BlockOption> block_options();

/// Names of the options of a kind, with "name" where it is allowed.
std::vector<std::string> option_names(BlockKind kind);

/// Names of all kinds, in the order of BlockKind.
std::vector<std::string> block_kind_names();

}  // namespace dovetail
