#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/mapping/pe_model.h"
#include "sim/program/mapping.h"
#include "sim/program/program.h"
#include "sim/timing/interconnect_timing.h"
#include "sim/timing/io_port_timing.h"

namespace dovetail {

/// Where a tensor is when a layer runs.
struct TensorPlacement {
  bool on_chip = false;
  PeSplit layout;  // if on chip: which PE keeps which part

  bool operator==(const TensorPlacement&) const = default;
};

/// What a layer finds on the chip.
struct LayerContext {
  std::array<TensorPlacement, kMaxInputs> inputs;  // in the order of the layer's
  bool output_on_chip = true;
  bool weights_cached = false;
  std::int64_t available_bytes = 0;  // local memory of one PE for the output's part and buffers

  /// But for the available memory.
  bool same_placement(const LayerContext& other) const {
    return inputs == other.inputs && output_on_chip == other.output_on_chip &&
           weights_cached == other.weights_cached;
  }
};

/// A mapping turned into commands: what is moved and computed, in which order.
struct LayerSchedule {
  std::vector<Tile> tiles;
  std::vector<Transfer> transfers;
  std::int32_t last_load = -1;      // position in transfers of the last load; -1 if there is none
  std::int64_t buffer_bytes = 0;    // of one PE: weight, input and output tiles
  std::int64_t output_bytes = 0;    // of one PE: its part of an output that stays on chip
  std::int64_t compute_cycles = 0;  // at least, of all tiles one after another
  std::int64_t io_bytes = 0;
  std::int64_t interconnect_bytes = 0;
  std::int64_t local_memory_bytes = 0;   // of all PEs
  std::int64_t register_file_bytes = 0;  // of all PEs
  std::int64_t weight_tile_bytes = 0;    // of one PE: one of the weight buffers
  std::int64_t register_file_need = 0;   // bytes of one lane in use

  std::int64_t needed_bytes() const { return buffer_bytes + output_bytes; }
};

/// Where a load comes from.
struct Source {
  TransferKind kind = TransferKind::kExchange;
  bool dram = false;
};
inline Source source_of(const TensorPlacement& tensor) {
  if (tensor.on_chip) return {TransferKind::kExchange, false};
  return {TransferKind::kInput, true};
}

/// What passes the IO port and the busiest link.
struct Traffic {
  std::int64_t io_bytes = 0, link_bytes = 0;

  void add(const Source& from, std::int64_t bytes, std::int64_t pe_bytes) {
    if (from.dram) io_bytes += bytes;
    if (from.kind == TransferKind::kExchange) link_bytes += pe_bytes;
  }
  /// That it takes at least.
  Cycles cycles(const IoPortTiming& io_port, const InterconnectTiming& interconnect) const {
    return static_cast<Cycles>(
        std::max(io_port.least_cycles(io_bytes), interconnect.least_link_cycles(link_bytes)));
  }
};

/// Each PE keeps of the tensor what its part of the output reads, but for halos.
bool in_place(const LayerGeometry& layer, const TensorPlacement& tensor,
              std::int64_t tensor_channels, const PeSplit& split);

/// Cached weights are spread over the PEs by output channel. Where the PEs divide the output alike,
/// each has its own already and nothing moves.
bool weights_in_place(const LayerGeometry& layer, const LayerContext& context,
                      const AcceleratorConfig& accelerator, const PeSplit& split);

/// The part of the output (for a global pool: of the input) that the busiest PE gets.
PeTile pe_share(const LayerGeometry& layer, const PeSplit& split);

/// Rows (or columns) of a tensor that PEs need and do not keep, if a layer's output and the tensor
/// are divided among as many: a halo on each side, and more where the divisions do not match (seven
/// input rows a PE, and four output rows at stride 2).
struct MissingInputs {
  std::int64_t all_pes = 0, busiest_pe = 0;
};

/// The rows or the columns of a layer as the PEs divide them.
struct PeAxis {
  std::int64_t share = 1;  // outputs of the busiest PE
  std::int64_t input = 1;  // all inputs
  std::int64_t read = 1;   // of these, from the first to the last under a window
  std::int64_t stride = 1, halo = 0;
  MissingInputs missing;
  std::int64_t repeat = 1;  // outputs in a row that read the same inputs

  /// Inputs under `n` outputs of one PE; of a global pool, which divides its inputs, `n`.
  std::int64_t inputs_of(std::int64_t n) const {
    if (repeat == 1) return std::min(input, n * stride + halo);
    return std::min(input, (ceil_div(n - 1, repeat) + 1) * stride);  // they may begin in a row
  }
};

/// A way to divide the PEs, and all that follows from it whatever the tiles. Bands are cut from the
/// longer side of a PE's part, so that a problem turned on its side is done alike.
struct PeOption {
  PeSplit split;
  PeTile share;
  PeAxis bands, across;
  bool bands_of_columns = false;
};
PeOption pe_option(const LayerGeometry& layer, const PeSplit& split);

/// Channels of a tile if a PE's part is cut into `count` along them: whole blocks of the lanes
/// where a tile has a block or more, so that only the last tile has idle units.
std::int64_t tile_channels(const PeTile& share, const LaneSplit& lanes, std::int64_t count);

/// Cycles that moving the layer's operands and results takes at least, however it is tiled.
std::int64_t least_transfer_cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LayerContext& context, const PeOption& pes);

/// Whether any of an input reaches a PE from elsewhere.
bool input_moves(const LayerGeometry& layer, const LayerContext& context, const PeOption& pes,
                 int input);

/// Bytes that the busiest PE keeps of a tensor of so many bits an element under a layout.
std::int64_t resident_bytes(const TensorShape& shape, int bits, const PeSplit& layout);

}  // namespace dovetail
