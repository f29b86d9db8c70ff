#include "sim/explanation/compiled_layer.h"

#include "sim/mapping/layer_schedule.h"

namespace dovetail {

PeTile CompiledLayer::part_of(const Tile& tile) const {
  const PeTile share = pe_share(geometry, mapping.pes);
  return mapping.tiling.of_columns ? PeTile{share.rows, tile.lines, tile.channels}
                                   : PeTile{tile.lines, share.cols, tile.channels};
}

}  // namespace dovetail
