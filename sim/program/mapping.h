#pragma once

#include <cstdint>
#include <string>

namespace dovetail {

/// How many PEs share each dimension of a layer's output. The product is the number of PEs, or
/// less where PEs are left idle. Also the layout of the tensor that the layer leaves on chip.
struct PeSplit {
  int rows = 1, cols = 1, channels = 1;

  bool operator==(const PeSplit&) const = default;
};

/// How the lanes of a PE and the units of a lane share the PE's part of the output.
///
/// In each step a lane computes unit_channels x unit_positions outputs, `ways` input channels at a
/// time. Units read their own weights from the register file; units at the same position share the
/// broadcast activation (in a depthwise layer every unit wants its own).
struct LaneSplit {
  int lane_channels = 1, lane_positions = 1;
  int unit_channels = 1, unit_positions = 1;
  int ways = 1;
};

/// How a PE's part of the output is cut in time: into bands of rows, or of columns, these along the
/// channels, and the sums of a dense layer into parts of its input channels, one after another.
/// Tiles are double-buffered.
struct Tiling {
  int bands = 1, channel_tiles = 1;
  /// True: all channel tiles of a band, then the next band (inputs are read once, weights once a
  /// band). False: all bands of a channel tile first (weights once, inputs once a tile).
  bool bands_outer = false;
  /// Which way bands run. Set by ScheduleBuilder: along the longer side of a PE's part.
  bool of_columns = false;
  /// Parts of the reduction, innermost of all; if there are several, bands are outside. Weights
  /// come by the part; the sums stay in the register file, or wait in local memory, from part to
  /// part.
  int reduction_tiles = 1;

  int outputs() const { return bands * channel_tiles; }
  int count() const { return outputs() * reduction_tiles; }
};

/// The mapper's decision for one layer.
struct LayerMapping {
  PeSplit pes;
  LaneSplit lanes;
  Tiling tiling;
  std::int64_t predicted_cycles = 0;  // without launch; what candidates are ranked by
  std::int64_t buffer_bytes = 0;      // local memory of one PE that tiles and staging take

  /// "PE 4r x 4c x 1k | lanes 4k x 1p | units 64k x 1p x 1w | tiles 1r x 2k", and " x 4i" where
  /// input channels are cut.
  std::string str() const;
};

}  // namespace dovetail
