#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/explanation/compiled_layer.h"

namespace dovetail {

/// What a loop of a mapping runs over. Rows and columns are cut by PEs and tiles; what a tile has
/// of both are its positions.
enum class LoopAxis { kRows, kColumns, kPositions, kChannels, kWindow, kInputChannels };

/// One loop of a mapping.
struct MappingLoop {
  std::string level;  // "PEs", "tiles", "lanes", "blocks", "steps", "units", "ways", "vector unit"
  LoopAxis axis = LoopAxis::kRows;
  bool parallel = false;   // all at once: in space, not in time
  std::int64_t count = 1;  // how often, edges counted as whole
  std::string part;        // "7 rows each, the last 4"; may be empty
};

/// The loops that execute a layer, outermost first, without those that run once. Their counts
/// multiply to the iteration space as the array sees it: what idle PEs, lanes, units and ways would
/// have done counts too.
std::vector<MappingLoop> loop_nest(const CompiledLayer& layer);

/// The loops as a terminal shows them, a line each.
std::string loop_nest_text(const std::vector<MappingLoop>& loops);

}  // namespace dovetail
