#include "sim/program/mapping.h"

#include <fmt/core.h>

namespace dovetail {

std::string LayerMapping::str() const {
  const std::string parts =
      tiling.reduction_tiles > 1 ? fmt::format(" x {}i", tiling.reduction_tiles) : "";
  return fmt::format(
      "PE {}r x {}c x {}k | lanes {}k x {}p | units {}k x {}p x {}w | tiles {}{} x {}k{}{}",
      pes.rows, pes.cols, pes.channels, lanes.lane_channels, lanes.lane_positions,
      lanes.unit_channels, lanes.unit_positions, lanes.ways, tiling.bands,
      tiling.of_columns ? 'c' : 'r', tiling.channel_tiles, parts,
      tiling.count() > 1 && tiling.bands_outer ? " (bands outside)" : "");
}

}  // namespace dovetail
