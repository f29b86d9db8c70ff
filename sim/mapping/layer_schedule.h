#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/mapping/mapping.h"
#include "sim/mapping/pe_model.h"
#include "sim/program.h"

namespace dovetail {

/// Where a tensor is when a layer runs.
struct TensorPlacement {
  bool on_chip = false;
  PeSplit layout;  // if on chip: which PE keeps which part
};

/// What a layer finds on the chip.
struct LayerContext {
  std::array<TensorPlacement, kMaxInputs> inputs;  // in the order of the layer's
  bool output_on_chip = true;
  bool weights_cached = false;
  std::int64_t available_bytes = 0;  // local memory of one PE for the output's part and buffers
};

/// A mapping turned into commands: what is moved and computed, in which order.
struct LayerSchedule {
  std::vector<Tile> tiles;
  std::vector<Transfer> transfers;
  std::int32_t last_load = -1;    // position in transfers of the last load; -1 if there is none
  std::int64_t buffer_bytes = 0;  // of one PE: weight, input and output tiles
  std::int64_t output_bytes = 0;  // of one PE: its part of an output that stays on chip
  std::int64_t io_bytes = 0;
  std::int64_t interconnect_bytes = 0;
  std::int64_t local_memory_bytes = 0;   // of all PEs
  std::int64_t register_file_bytes = 0;  // of all PEs
  std::int64_t weight_tile_bytes = 0;    // of one PE: one of the weight buffers

  std::int64_t needed_bytes() const { return buffer_bytes + output_bytes; }
};

/// The part of the output (for a global pool: of the input) that the busiest PE gets.
PeTile pe_share(const LayerGeometry& layer, const PeSplit& split);

/// Bytes of a tensor that the busiest PE keeps under a layout.
std::int64_t resident_bytes(const TensorShape& shape, const PeSplit& layout);

/// Fills `schedule` (reusing its memory) and rounds `mapping.tiling` to whole tiles. If that needs
/// more than the available bytes, stops at the byte counts and returns false.
///
/// Tile t + 2 may be loaded once tile t has been computed (double buffering). Sums are exact: the
/// tiles' MACs add up to the layer's, the transfers' bytes to the tensors' bytes times passes.
bool build_schedule(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                    const LayerContext& context, const BankUse& bank, LayerMapping& mapping,
                    LayerSchedule& schedule);

/// Cycles from launch to the last output, by the recurrence that the SystemC model follows when the
/// layer has the chip to itself.
std::int64_t predict_cycles(const LayerSchedule& schedule, const AcceleratorConfig& accelerator);

}  // namespace dovetail
