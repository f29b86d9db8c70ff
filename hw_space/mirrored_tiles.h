#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "hw_space/design_space.h"

namespace dovetail {

/// Configurations of a space that are another one's mirror image: a tile of 8x6 PEs for one of 6x8,
/// all else equal. They are one chip, turned on its side: every figure of it is the same.
class MirroredTiles {
 public:
  /// The space outlives it.
  explicit MirroredTiles(const DesignSpace& space);

  /// The mirror image; nothing if the space has none, or the tile is its own.
  std::optional<std::uint64_t> of(std::uint64_t index) const;

 private:
  using Choice = std::optional<std::uint16_t>;

  const DecisionSpace& decisions_;
  std::optional<std::size_t> x_, y_;     // the decisions about the sides of the tile
  std::vector<Choice> x_as_y_, y_as_x_;  // the choice of one side that is that of the other
};

}  // namespace dovetail
