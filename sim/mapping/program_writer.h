#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "sim/mapping/layer_geometry.h"
#include "sim/mapping/mapper.h"
#include "sim/program/program.h"

namespace dovetail {

/// Writes the commands of one layer after another, and brings weights forward as the accelerator's
/// weight_prefetch_layers says: the first tiles' into the transfers of the layer before, or all of
/// them into the list that the DMA engine works off as far as there is room.
class ProgramWriter {
 public:
  /// Of an empty program.
  ProgramWriter(Program& program, const AcceleratorConfig& accelerator);

  /// `room` is the local memory of one PE that the layer leaves unused.
  void append(const LayerGeometry& layer, const MappedLayer& mapped, bool weights_cached,
              std::int64_t room);
  /// After the last layer.
  void finish();

 private:
  bool runs_ahead() const { return layers_ahead_ > 1; }
  void add_weight_loads(const LayerSchedule& schedule, std::int64_t room);
  std::size_t prefetch_weights(const LayerSchedule& schedule);
  void take_out_prefetched(std::size_t transfers);
  std::int64_t weights_before(std::size_t layer) const;
  ProgramPoint room_for(std::int32_t load);
  void count_weights_ahead();

  Program& program_;
  const int layers_ahead_;
  const std::int64_t local_memory_bytes_;
  std::size_t insert_at_ = 0;  // behind the last load of the layer before
  std::int64_t room_ = 0;      // that it leaves

  // Of the list of weight loads: bytes of one PE before each, and after all; and the layer and load
  // that the last one was found to wait for.
  std::vector<std::int64_t> bytes_before_;
  std::size_t narrow_layer_ = 0;
  std::int32_t freed_ = 0;
};

}  // namespace dovetail
