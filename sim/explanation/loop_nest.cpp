#include "sim/explanation/loop_nest.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text/table.h"
#include "sim/mapping/layer_schedule.h"

namespace dovetail {
namespace {

constexpr std::array<const char*, 6> kAxisNames = {"rows",     "columns", "positions",
                                                   "channels", "window",  "input channels"};

/// "7 rows each, the last 4", if `total` is cut into parts of `size`.
std::string part_text(LoopAxis axis, std::int64_t size, std::int64_t total) {
  const char* name = kAxisNames[static_cast<std::size_t>(axis)];
  const std::int64_t last = total - (ceil_div(total, size) - 1) * size;
  return last == size ? fmt::format("{} {} each", size, name)
                      : fmt::format("{} {} each, the last {}", size, name, last);
}

class LoopWriter {
 public:
  void in_space(const char* level, LoopAxis axis, std::int64_t count, std::string part = "") {
    add({level, axis, true, count, std::move(part)});
  }
  void in_time(const char* level, LoopAxis axis, std::int64_t count, std::string part = "") {
    add({level, axis, false, count, std::move(part)});
  }
  std::vector<MappingLoop> take() { return std::move(loops_); }

 private:
  void add(MappingLoop loop) {
    if (loop.count > 1) loops_.push_back(std::move(loop));
  }
  std::vector<MappingLoop> loops_;
};

void add_pes(const CompiledLayer& layer, LoopWriter& loops) {
  const PeSplit& pes = layer.mapping.pes;
  const PeTile share = pe_share(layer.geometry, pes);
  const bool pooled = layer.geometry.kind == WorkKind::kGlobalPool;
  const LayerGeometry& g = layer.geometry;
  const auto add = [&](LoopAxis axis, int count, std::int64_t size, std::int64_t total) {
    loops.in_space("PEs", axis, count, part_text(axis, size, total));
  };
  add(LoopAxis::kRows, pes.rows, share.rows, pooled ? g.in_h : g.out_h);
  add(LoopAxis::kColumns, pes.cols, share.cols, pooled ? g.in_w : g.out_w);
  add(LoopAxis::kChannels, pes.channels, share.channels, g.out_c);
}

void add_tiles(const CompiledLayer& layer, LoopWriter& loops) {
  const Tiling& tiling = layer.mapping.tiling;
  const PeTile share = pe_share(layer.geometry, layer.mapping.pes);
  const Tile& first = layer.tiles.front();
  const LoopAxis bands = tiling.of_columns ? LoopAxis::kColumns : LoopAxis::kRows;
  const auto add_bands = [&] {
    loops.in_time("tiles", bands, tiling.bands,
                  part_text(bands, first.lines, tiling.of_columns ? share.cols : share.rows));
  };
  if (tiling.bands_outer) add_bands();
  loops.in_time("tiles", LoopAxis::kChannels, tiling.channel_tiles,
                part_text(LoopAxis::kChannels, first.channels, share.channels));
  if (!tiling.bands_outer) add_bands();
  loops.in_time(
      "tiles", LoopAxis::kInputChannels, tiling.reduction_tiles,
      part_text(LoopAxis::kInputChannels, first.inputs, layer.geometry.reduction_channels()));
}

/// What the lanes of a PE do with a whole tile.
void add_lanes(const CompiledLayer& layer, LoopWriter& loops) {
  const LaneSplit& s = layer.mapping.lanes;
  const LayerGeometry& g = layer.geometry;
  const LaneBlocks blocks = lane_blocks(s, layer.part_of(layer.tiles.front()));
  loops.in_space("lanes", LoopAxis::kChannels, s.lane_channels);
  loops.in_space("lanes", LoopAxis::kPositions, s.lane_positions);
  loops.in_time("blocks", LoopAxis::kChannels, blocks.channels);
  loops.in_time("blocks", LoopAxis::kPositions, blocks.positions);
  loops.in_time("steps", LoopAxis::kWindow, g.taps(),
                fmt::format("{}x{} taps", g.kernel_h, g.kernel_w));
  loops.in_time("steps", LoopAxis::kInputChannels, ceil_div(layer.tiles.front().inputs, s.ways));
  loops.in_space("units", LoopAxis::kChannels, s.unit_channels);
  loops.in_space("units", LoopAxis::kPositions, s.unit_positions);
  loops.in_space("ways", LoopAxis::kInputChannels, s.ways);
}

}  // namespace

std::vector<MappingLoop> loop_nest(const CompiledLayer& layer) {
  LoopWriter loops;
  add_pes(layer, loops);
  add_tiles(layer, loops);
  if (layer.geometry.streams()) {
    const PeTile part = layer.part_of(layer.tiles.front());
    loops.in_time("vector unit", LoopAxis::kPositions, part.positions());
    loops.in_time("vector unit", LoopAxis::kChannels, part.channels);
  } else {
    add_lanes(layer, loops);
  }
  return loops.take();
}

std::string loop_nest_text(const std::vector<MappingLoop>& loops) {
  using Align = Table::Align;
  Table table({{"level", Align::kLeft}, {"loop", Align::kLeft}, {"part", Align::kLeft}});
  std::string indent;
  for (const MappingLoop& loop : loops) {
    table.add_row({loop.level,
                   fmt::format("{}{}for {} in 0..{}", indent, loop.parallel ? "parallel " : "",
                               kAxisNames[static_cast<std::size_t>(loop.axis)], loop.count - 1),
                   loop.part});
    indent += ' ';
  }
  return table.str();
}

}  // namespace dovetail
