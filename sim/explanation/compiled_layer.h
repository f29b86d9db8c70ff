#pragma once

#include <cstdint>
#include <span>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/mapping/pe_model.h"
#include "sim/program/program.h"

namespace dovetail {

/// A layer as the simulator executed it, and what the mapper saw of it. Refers to what it was made
/// of.
struct CompiledLayer {
  const LayerGeometry& geometry;
  const AcceleratorConfig& accelerator;
  const LayerMapping& mapping;
  std::span<const Tile> tiles;

  /// The part of a tile that the busiest PE has.
  PeTile part_of(const Tile& tile) const;
  /// Multiply-accumulates, or of a pool that slides a window the operations that take their place.
  std::int64_t operations() const {
    return geometry.out_elements() * geometry.taps() * geometry.reduction_channels();
  }
};

}  // namespace dovetail
