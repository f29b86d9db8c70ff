#include "sim/mapping/program_writer.h"

#include <algorithm>

namespace dovetail {
namespace {

std::int64_t vector_ops(const LayerGeometry& layer) {
  std::int64_t ops = layer.table_activation ? layer.out_elements() : 0;
  if (layer.kind == WorkKind::kElementwise || layer.kind == WorkKind::kGather) {
    ops += layer.out_elements();
  }
  if (layer.kind == WorkKind::kGlobalPool) ops += layer.in_elements();
  if (layer.kind == WorkKind::kDepthwise && layer.weight_bytes == 0) {
    ops += layer.out_elements() * layer.taps();
  }
  return ops;
}

bool is_weight_load(const Transfer& transfer) {
  return transfer.kind == TransferKind::kWeights && transfer.io_bytes > 0;
}

}  // namespace

ProgramWriter::ProgramWriter(Program& program, const AcceleratorConfig& accelerator)
    : program_(program),
      layers_ahead_(accelerator.weight_prefetch_layers),
      local_memory_bytes_(static_cast<std::int64_t>(accelerator.local_memory_bytes())) {}

void ProgramWriter::append(const LayerGeometry& layer, const MappedLayer& mapped,
                           bool weights_cached, std::int64_t room) {
  const LayerSchedule& schedule = mapped.schedule;
  std::vector<Transfer>& transfers = program_.transfers;
  const std::size_t ahead = layers_ahead_ == 1 ? prefetch_weights(schedule) : 0;

  LayerProgram out;
  out.first_tile = static_cast<std::int32_t>(program_.tiles.size());
  out.tiles = static_cast<std::int32_t>(schedule.tiles.size());
  out.first_transfer = static_cast<std::int32_t>(transfers.size());
  out.first_weight_load = static_cast<std::int32_t>(program_.weight_loads.size());
  out.macs = layer.macs;
  out.vector_ops = vector_ops(layer);
  out.register_file_bytes = schedule.register_file_bytes;
  out.local_memory_bytes = schedule.local_memory_bytes;
  out.interconnect_bytes = schedule.interconnect_bytes;
  out.io_bytes = schedule.io_bytes;
  out.local_memory_need = local_memory_bytes_ - room;
  out.register_file_need = schedule.register_file_need;
  out.weights_cached = weights_cached;
  out.mapping = mapped.mapping;
  program_.layers.push_back(out);
  program_.tiles.insert(program_.tiles.end(), schedule.tiles.begin(), schedule.tiles.end());
  if (runs_ahead()) {
    add_weight_loads(schedule, room);
  } else {
    transfers.insert(transfers.end(), schedule.transfers.begin(), schedule.transfers.end());
  }
  LayerProgram& written = program_.layers.back();
  written.transfers = static_cast<std::int32_t>(transfers.size()) - written.first_transfer;
  take_out_prefetched(ahead);
  insert_at_ = static_cast<std::size_t>(written.first_transfer + schedule.last_load + 1);
  room_ = room;
}

void ProgramWriter::finish() {
  if (!runs_ahead()) return;
  bytes_before_.assign(1, 0);
  for (const WeightLoad& load : program_.weight_loads) {
    bytes_before_.push_back(bytes_before_.back() + load.transfer.local_bytes);
  }
  narrow_layer_ = 0;
  freed_ = 0;
  for (std::size_t i = 0; i < program_.weight_loads.size(); ++i) {
    WeightLoad& load = program_.weight_loads[i];
    load.room = std::max(room_for(static_cast<std::int32_t>(i)),
                         ProgramPoint{std::max(0, load.layer - layers_ahead_), -1});
  }
  count_weights_ahead();
}

// ---- one layer ahead ----

/// Adds the weights of the first tiles to the layer before, behind its last load; both buffers if
/// there is room, one if not. Returns how many transfers were moved ahead.
std::size_t ProgramWriter::prefetch_weights(const LayerSchedule& schedule) {
  if (program_.layers.empty()) return 0;
  std::size_t moved = 0;
  for (const Transfer& t : schedule.transfers) {
    if (t.tile > 1 || moved == 2) break;
    if (t.kind != TransferKind::kWeights) continue;
    if (t.io_bytes == 0 || schedule.weight_tile_bytes > room_) break;
    Transfer ahead = t;
    ahead.prefetch = true;
    ahead.after_tile = -1;
    program_.transfers.insert(
        program_.transfers.begin() + static_cast<std::ptrdiff_t>(insert_at_ + moved), ahead);
    ++program_.layers.back().transfers;
    room_ -= schedule.weight_tile_bytes;
    program_.layers.back().local_memory_need += schedule.weight_tile_bytes;
    ++moved;
  }
  return moved;
}

/// What was prefetched stays as a load of no bytes: it is complete when the prefetch is.
void ProgramWriter::take_out_prefetched(std::size_t transfers) {
  LayerProgram& layer = program_.layers.back();
  for (auto t = static_cast<std::size_t>(layer.first_transfer); transfers > 0; ++t) {
    Transfer& load = program_.transfers[t];
    if (load.kind != TransferKind::kWeights) continue;
    layer.prefetched_bytes += load.io_bytes;
    load.io_bytes = load.interconnect_bytes = load.local_bytes = 0;
    --transfers;
  }
}

// ---- as far ahead as there is room ----

void ProgramWriter::add_weight_loads(const LayerSchedule& schedule, std::int64_t room) {
  LayerProgram& layer = program_.layers.back();
  layer.weight_room = room;
  for (const Transfer& t : schedule.transfers) {
    if (!is_weight_load(t)) {
      program_.transfers.push_back(t);
      continue;
    }
    const auto index = static_cast<std::int32_t>(program_.layers.size()) - 1;
    program_.weight_loads.push_back({index, t, {}});
    Tile& tile = program_.tiles[static_cast<std::size_t>(layer.first_tile + t.tile)];
    --tile.loads;
    ++tile.weight_loads;
    ++layer.weight_loads;
  }
  // The buffers of a layer that streams its weights are a part of what they may fill.
  if (layer.weight_loads > 0) {
    layer.weight_room +=
        schedule.weight_tile_bytes *
        std::min(2, layer.mapping.tiling.channel_tiles * layer.mapping.tiling.reduction_tiles);
  }
}

/// Bytes of all weight loads before those of a layer.
std::int64_t ProgramWriter::weights_before(std::size_t layer) const {
  return bytes_before_[static_cast<std::size_t>(program_.layers[layer].first_weight_load)];
}

/// From when on there is room for a load. Weights are taken and given up in one order, so what is
/// there at any time is a stretch of the list: from the first load that the layer under way still
/// works with to the last one brought. The stretch must fit the room of the layer under way, and of
/// every layer until the one that the load is for.
ProgramPoint ProgramWriter::room_for(std::int32_t load) {
  const WeightLoad& wanted = program_.weight_loads[static_cast<std::size_t>(load)];
  const std::int64_t end = bytes_before_[static_cast<std::size_t>(load) + 1];
  const auto too_narrow = [&](std::size_t layer) {
    return weights_before(layer) + program_.layers[layer].weight_room < end;
  };
  // The last layer that must have given up some of its own weights before.
  auto narrow = static_cast<std::size_t>(wanted.layer);
  while (narrow > narrow_layer_ && !too_narrow(narrow)) --narrow;
  if (!too_narrow(narrow)) return {};
  const LayerProgram& layer = program_.layers[narrow];
  if (narrow > narrow_layer_) freed_ = 0;
  narrow_layer_ = narrow;
  freed_ = std::max(freed_, layer.first_weight_load);
  const std::int32_t last = layer.first_weight_load + layer.weight_loads;
  while (freed_ < last &&
         bytes_before_[static_cast<std::size_t>(freed_)] + layer.weight_room < end) {
    ++freed_;
  }
  if (freed_ == last) return {static_cast<std::int32_t>(narrow) + 1, -1};
  const Transfer& next = program_.weight_loads[static_cast<std::size_t>(freed_)].transfer;
  return {static_cast<std::int32_t>(narrow), next.tile - 1};
}

/// What weights for later layers take of local memory at most while a layer runs.
void ProgramWriter::count_weights_ahead() {
  std::size_t brought = 0;  // that may have been brought by the end of the layer
  for (std::size_t i = 0; i < program_.layers.size(); ++i) {
    LayerProgram& layer = program_.layers[i];
    while (brought < program_.weight_loads.size() &&
           program_.weight_loads[brought].room.layer <= static_cast<std::int32_t>(i)) {
      ++brought;
    }
    const std::int64_t unused = local_memory_bytes_ - layer.local_memory_need;
    const std::int64_t own = layer.weight_room - unused;
    const std::int64_t there = bytes_before_[brought] - weights_before(i);
    layer.local_memory_need += std::clamp<std::int64_t>(there - own, 0, unused);
  }
}

}  // namespace dovetail
