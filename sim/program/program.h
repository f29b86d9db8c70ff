#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "models/network/layers/network.h"
#include "sim/program/mapping.h"

namespace dovetail {

/// Why a transfer is made; also what the PE array is said to wait for while it is under way.
enum class TransferKind : std::uint8_t {
  kWeights,   // into local memory, from DRAM or from the PEs that keep them
  kInput,     // activations from DRAM
  kExchange,  // activations from other PEs: halos, or all of them where the layout changes
  kOutput,    // results to DRAM
};

/// What a transfer carries, beside the numbers 0, 1, ...: an input of the layer.
inline constexpr std::int8_t kWeightsOperand = -1;
inline constexpr std::int8_t kOutputOperand = -2;

/// One DMA transfer. Transfers are executed in the order of the program.
///
/// It carries that part of its operand which its tile is the first to need (or has made): of
/// weights those of the tile's channels and input channels, the constants of a channel with its
/// last part; of a matrix product's second input, those of the tile's channels; of a 1x1xC gate,
/// all; of any other input, the rows under the tile's rows (or columns, where bands are of columns)
/// that no tile before had, with the tile's channels where a channel of the output reads one
/// channel of the input, else with all.
struct Transfer {
  TransferKind kind = TransferKind::kInput;
  std::int32_t tile = 0;         // loads: the tile that needs it; output: the tile that made it
  std::int32_t after_tile = -1;  // may start once this tile is computed; -1: at once
  bool prefetch = false;         // on behalf of the next layer, whose tile it then names
  std::int64_t io_bytes = 0;     // through the IO port; 0: stays on chip
  std::int64_t interconnect_bytes = 0;
  std::int64_t local_bytes = 0;  // of these, what the busiest PE writes to its local memory
  std::int8_t operand = 0;       // an input's number, kWeightsOperand or kOutputOperand
};

/// A point in the run of a program: a layer has been started (`tile` -1), or one of its tiles
/// computed.
struct ProgramPoint {
  std::int32_t layer = 0, tile = -1;

  auto operator<=>(const ProgramPoint&) const = default;
};

/// Weights that the DMA engine brings from DRAM ahead of the layer that works with them, as far as
/// there is room. They are brought in the order of the program.
struct WeightLoad {
  std::int32_t layer = 0;
  Transfer transfer;
  ProgramPoint room;  // from then on there is local memory for them, whatever happens meanwhile
};

/// One piece of work for the whole PE array: every PE computes this band of its part of the output
/// (rows, or columns if LayerMapping::tiling says so; all of the other) and these channels (of a
/// global pool: sums them up in its part of the input), as far as its part has them.
struct Tile {
  std::int16_t loads = 0;               // transfers that must have arrived
  std::int16_t weight_loads = 0;        // likewise, of Program::weight_loads
  std::int32_t stores = 0;              // of the layer's outputs, as many must have left before
  std::int64_t compute_cycles = 0;      // of the slowest PE's lanes, all operands at hand
  std::int64_t vector_cycles = 0;       // of its vector unit, after them
  std::int64_t local_memory_bytes = 0;  // that the slowest PE's lanes read and write meanwhile
  std::int64_t reduction_bytes = 0;     // partial sums that a PE then receives from others
  std::int64_t macs = 0;                // of all PEs
  std::int32_t first_line = 0, lines = 0, first_channel = 0, channels = 0;
  /// Input channels (of a group) that it adds to the sums: the last part makes the results.
  std::int32_t first_input = 0, inputs = 0;
};

/// Commands of one layer: ranges in the lists of the program, and what is known of the layer before
/// it runs.
struct LayerProgram {
  std::int32_t first_tile = 0, tiles = 0;
  std::int32_t first_transfer = 0, transfers = 0;
  std::int32_t first_weight_load = 0, weight_loads = 0;
  std::int64_t macs = 0;
  std::int64_t vector_ops = 0;
  std::int64_t register_file_bytes = 0;
  std::int64_t local_memory_bytes = 0;  // of all PEs
  std::int64_t io_bytes = 0;            // on behalf of this layer, prefetched or not
  std::int64_t prefetched_bytes = 0;    // of these, moved by a prefetch
  std::int64_t weight_room = 0;         // bytes of one PE that weight loads may fill meanwhile
  std::int64_t interconnect_bytes = 0;
  std::int64_t local_memory_need = 0;   // bytes of one PE in use: tensors alive, buffers, weights
  std::int64_t register_file_need = 0;  // bytes of one lane in use
  bool weights_cached = false;          // kept in local memory between inferences
  LayerMapping mapping;
};

/// What the accelerator executes: made by the planner, read by the SystemC model, never changed.
struct Program {
  std::vector<LayerProgram> layers;
  std::vector<Tile> tiles;
  std::vector<Transfer> transfers;
  std::vector<WeightLoad> weight_loads;

  void clear() {
    layers.clear();
    tiles.clear();
    transfers.clear();
    weight_loads.clear();
  }
};

}  // namespace dovetail
