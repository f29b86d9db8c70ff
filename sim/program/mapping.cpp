#include "sim/program/mapping.h"

#include <fmt/core.h>

namespace dovetail {

std::string LayerMapping::str() const {
  return fmt::format(
      "PE {}r x {}c x {}k | lanes {}k x {}p | units {}k x {}p x {}w | tiles {}{} x {}k{}", pes.rows,
      pes.cols, pes.channels, lanes.lane_channels, lanes.lane_positions, lanes.unit_channels,
      lanes.unit_positions, lanes.ways, tiling.bands, tiling.of_columns ? 'c' : 'r',
      tiling.channel_tiles, tiling.count() > 1 && tiling.bands_outer ? " (bands outside)" : "");
}

}  // namespace dovetail
