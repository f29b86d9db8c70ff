#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "sim/mapping/mapping.h"

namespace dovetail {

/// Why a transfer is made; also what the PE array is said to wait for while it is under way.
enum class TransferKind : std::uint8_t {
  kWeights,   // into local memory, from DRAM or from the PEs that keep them
  kInput,     // activations from DRAM
  kExchange,  // activations from other PEs: halos, or all of them where the layout changes
  kOutput,    // results to DRAM
};

/// One DMA transfer. Transfers are executed in the order of the program.
struct Transfer {
  TransferKind kind = TransferKind::kInput;
  std::int32_t tile = 0;         // loads: the tile that needs it; output: the tile that made it
  std::int32_t after_tile = -1;  // may start once this tile is computed; -1: at once
  bool prefetch = false;         // on behalf of the next layer
  std::int64_t io_bytes = 0;     // through the IO port; 0: stays on chip
  std::int64_t interconnect_bytes = 0;
  std::int64_t local_bytes = 0;  // of these, what the busiest PE writes to its local memory
};

/// One piece of work for the whole PE array: every PE computes its part of these outputs.
struct Tile {
  std::int32_t loads = 0;               // transfers that must have arrived
  std::int64_t compute_cycles = 0;      // of the slowest PE, all operands at hand
  std::int64_t local_memory_bytes = 0;  // that the slowest PE's lanes read and write meanwhile
  std::int64_t reduction_bytes = 0;     // partial sums that a PE then receives from others
  std::int64_t macs = 0;                // of all PEs
};

/// Commands of one layer: ranges in Program::tiles and Program::transfers, and what is known of the
/// layer before it runs.
struct LayerProgram {
  std::int32_t first_tile = 0, tiles = 0;
  std::int32_t first_transfer = 0, transfers = 0;
  std::int64_t macs = 0;
  std::int64_t vector_ops = 0;
  std::int64_t register_file_bytes = 0;
  std::int64_t local_memory_bytes = 0;  // of all PEs
  std::int64_t io_bytes = 0;            // on behalf of this layer, prefetched or not
  std::int64_t prefetched_bytes = 0;    // of these, moved while an earlier layer ran
  std::int64_t interconnect_bytes = 0;
  LayerMapping mapping;
};

/// What the accelerator executes: made by the planner, read by the SystemC model, never changed.
struct Program {
  std::vector<LayerProgram> layers;
  std::vector<Tile> tiles;
  std::vector<Transfer> transfers;
  bool weights_cached = false;

  void clear() {
    layers.clear();
    tiles.clear();
    transfers.clear();
    weights_cached = false;
  }
};

}  // namespace dovetail
