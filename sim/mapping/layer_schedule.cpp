#include "sim/mapping/layer_schedule.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "sim/mapping/partition.h"

namespace dovetail {
namespace {

/// Part `i` of `total` cut into `parts` so that the parts add up exactly.
std::int64_t share(std::int64_t total, std::int64_t i, std::int64_t parts) {
  return total * (i + 1) / parts - total * i / parts;
}

/// Where a load comes from.
struct Source {
  TransferKind kind = TransferKind::kExchange;
  bool dram = false;
};
Source source_of(const TensorPlacement& tensor) {
  if (tensor.on_chip) return {TransferKind::kExchange, false};
  return {TransferKind::kInput, true};
}

/// How one tensor reaches the PEs that need it.
struct Delivery {
  Source source;
  std::int64_t bytes = 0;     // of the whole layer and one pass, each byte counted once
  std::int64_t pe_bytes = 0;  // of these, what the busiest PE takes, for one row tile
  bool every_tile = false;    // channelwise: each tile needs its own part; else one a row tile
};

/// Rows (or columns) of a tensor that PEs need and do not keep, if a layer's output and the tensor
/// are divided among as many: a halo on each side, and more where the divisions do not match (seven
/// input rows a PE, and four output rows at stride 2).
struct Missing {
  std::int64_t all_pes = 0, busiest_pe = 0;
};
Missing missing_of(int outputs, const WindowAxis& window, int parts) {
  Missing missing;
  if (parts == 1 || (outputs == window.input && window.reach == 1)) return missing;
  for (int i = 0; i < parts; ++i) {
    const Interval needed = window.inputs_of(part_of(outputs, i, parts));
    const Interval kept = intersection(needed, part_of(window.input, i, parts));
    const std::int64_t part = needed.size() - kept.size();
    missing.all_pes += part;
    missing.busiest_pe = std::max(missing.busiest_pe, part);
  }
  return missing;
}

/// Input rows (or columns) under `n` output rows of one PE.
std::int64_t input_extent(std::int64_t n, int stride, int halo, int limit) {
  return std::min<std::int64_t>(limit, n * stride + halo);
}

class ScheduleBuilder {
 public:
  ScheduleBuilder(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                  const LayerContext& context, const BankUse& bank, LayerMapping& mapping,
                  LayerSchedule& out)
      : layer_(layer),
        accelerator_(accelerator),
        context_(context),
        bank_(bank),
        mapping_(mapping),
        out_(out) {}

  /// Sizes of tiles and buffers; no commands yet.
  void size() {
    out_.tiles.clear();
    out_.transfers.clear();
    out_ = LayerSchedule{std::move(out_.tiles), std::move(out_.transfers)};
    round_tiling();
    plan_inputs();
    count_buffers();
    mapping_.buffer_bytes = out_.needed_bytes();
  }

  void emit() {
    const Tiling& tiling = mapping_.tiling;
    for (int t = 0; t < tiling.count(); ++t) {
      const int row = tiling.rows_outer ? t / tiling.channel_tiles : t % tiling.row_tiles;
      const int channel = tiling.rows_outer ? t % tiling.channel_tiles : t / tiling.row_tiles;
      add_loads(t, row, channel);
      if (t > 0) add_store(t - 1);
      add_tile(t, row, channel);
    }
    add_store(tiling.count() - 1);
  }

 private:
  void round_tiling() {
    whole_ = pe_share(layer_, mapping_.pes);
    Tiling& tiling = mapping_.tiling;
    // Channels read inputs of their own: bands first would gain nothing, and would have to keep the
    // rows between two bands for all channels.
    if (layer_.channelwise()) tiling.rows_outer = false;
    tile_rows_ = ceil_div(whole_.rows, tiling.row_tiles);
    const std::int64_t block =
        std::int64_t{mapping_.lanes.lane_channels} * mapping_.lanes.unit_channels;
    tile_channels_ = ceil_div(whole_.channels, tiling.channel_tiles);
    if (tile_channels_ > block) {  // whole blocks, so that only the last tile has idle units
      tile_channels_ = std::min(whole_.channels, ceil_div(tile_channels_, block) * block);
    }
    tiling.row_tiles = static_cast<int>(ceil_div(whole_.rows, tile_rows_));
    tiling.channel_tiles = static_cast<int>(ceil_div(whole_.channels, tile_channels_));
  }

  /// An operand that is here already in the right layout costs its halos, any other all of it.
  void plan_inputs() {
    for (int i = 0; i < layer_.inputs; ++i) {
      const TensorPlacement& at = context_.inputs[static_cast<std::size_t>(i)];
      Delivery& d = inputs_[static_cast<std::size_t>(i)];
      d = {};
      d.every_tile = layer_.channelwise();
      const std::int64_t tensor_channels = layer_.input_channels[static_cast<std::size_t>(i)];
      const std::int64_t read_channels = tensor_channels + channels_read_twice(tensor_channels);
      const std::int64_t bytes = std::int64_t{layer_.in_h} * layer_.in_w * read_channels;
      const std::int64_t channels = tile_input_channels(tensor_channels);
      const std::int64_t rows = input_rows(tile_rows_), cols = input_cols();
      if (in_place(at, tensor_channels)) {
        const Missing missing_rows =
            missing_of(outputs_h(), {layer_.in_h, layer_.stride_h, layer_.reach_h, layer_.pad_top},
                       mapping_.pes.rows);
        const Missing missing_cols =
            missing_of(outputs_w(), {layer_.in_w, layer_.stride_w, layer_.reach_w, layer_.pad_left},
                       mapping_.pes.cols);
        d.bytes = std::min(
            bytes, (missing_rows.all_pes * layer_.in_w + missing_cols.all_pes * layer_.in_h) *
                       read_channels);
        d.pe_bytes = (missing_rows.busiest_pe * cols + missing_cols.busiest_pe * rows) * channels;
      } else {
        d.source = source_of(at);
        d.bytes = bytes;
        d.pe_bytes = rows * cols * channels;
      }
    }
  }

  /// Each PE keeps of the tensor what its part of the output reads, but for halos.
  bool in_place(const TensorPlacement& tensor, std::int64_t tensor_channels) const {
    if (!tensor.on_chip || tensor.layout != mapping_.pes || layer_.flattens) return false;
    return mapping_.pes.channels == 1 || (layer_.channelwise() && tensor_channels == layer_.out_c);
  }

  /// Channels of an input that a tile reads.
  std::int64_t tile_input_channels(std::int64_t tensor_channels) const {
    if (!layer_.channelwise()) return tensor_channels;
    // A tile of a concatenation may lie in one of its inputs.
    if (layer_.kind == WorkKind::kElementwise) return std::min(tile_channels_, tensor_channels);
    return ceil_div(tile_channels_ * tensor_channels, layer_.out_c) +
           (channels_read_twice(tensor_channels) > 0 ? 1 : 0);
  }

  /// Where a depthwise convolution makes several channels of one, tiles and PEs that divide these
  /// read the one each.
  std::int64_t channels_read_twice(std::int64_t tensor_channels) const {
    if (layer_.kind != WorkKind::kDepthwise || tensor_channels == layer_.out_c) return 0;
    const std::int64_t multiplier = layer_.out_c / tensor_channels;
    if (tile_channels_ % multiplier == 0 && whole_.channels % multiplier == 0) return 0;
    return std::int64_t{mapping_.pes.channels} * mapping_.tiling.channel_tiles - 1;
  }

  // What PEs divide: a global pool's input, else the output.
  int outputs_h() const {
    return layer_.kind == WorkKind::kGlobalPool ? layer_.in_h : layer_.out_h;
  }
  int outputs_w() const {
    return layer_.kind == WorkKind::kGlobalPool ? layer_.in_w : layer_.out_w;
  }

  std::int64_t input_rows(std::int64_t rows) const {
    if (layer_.kind == WorkKind::kGlobalPool) return rows;
    return input_extent(rows, layer_.stride_h, layer_.halo_h, layer_.in_h);
  }
  std::int64_t input_cols() const {
    if (layer_.kind == WorkKind::kGlobalPool) return whole_.cols;
    return input_extent(whole_.cols, layer_.stride_w, layer_.halo_w, layer_.in_w);
  }

  void count_buffers() {
    const Tiling& tiling = mapping_.tiling;
    out_.weight_tile_bytes = ceil_div(layer_.weight_bytes * tile_channels_, layer_.out_c);
    out_.buffer_bytes = out_.weight_tile_bytes * std::min(2, tiling.channel_tiles);
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      const int loads = d.every_tile ? tiling.count() : tiling.row_tiles;
      out_.buffer_bytes += d.pe_bytes * std::min(2, loads);
    }
    out_.buffer_bytes += layer_.gate_bytes;
    const bool pooled = layer_.kind == WorkKind::kGlobalPool;
    if (context_.output_on_chip) {
      out_.output_bytes = pooled ? whole_.channels * 4 : whole_.elements();
    } else {
      const std::int64_t results =
          pooled ? tile_channels_ * std::min(2, tiling.channel_tiles)
                 : tile_rows_ * whole_.cols * tile_channels_ * std::min(2, tiling.count());
      out_.buffer_bytes += results + (pooled ? tile_channels_ * 4 : 0);  // and int32 sums
    }
  }

  void add_transfer(const Transfer& transfer) {
    out_.transfers.push_back(transfer);
    out_.io_bytes += transfer.io_bytes;
    out_.interconnect_bytes += transfer.interconnect_bytes;
    out_.local_memory_bytes += transfer.local_bytes * accelerator_.pes();
  }

  void add_load(int tile, std::int8_t operand, const Source& from, std::int64_t bytes,
                std::int64_t pe_bytes) {
    add_transfer(
        {from.kind, tile, tile - 2, false, from.dram ? bytes : 0, bytes, pe_bytes, operand});
    out_.last_load = static_cast<std::int32_t>(out_.transfers.size()) - 1;
    ++loads_of_tile_;
  }

  Source weight_source() const {
    if (layer_.weights_are_activations) return source_of(context_.inputs[1]);
    return {TransferKind::kWeights, !context_.weights_cached};
  }

  void add_loads(int t, int row, int channel) {
    const Tiling& tiling = mapping_.tiling;
    loads_of_tile_ = 0;
    const bool new_weights = tiling.rows_outer ? (tiling.channel_tiles > 1 || row == 0) : row == 0;
    if (new_weights && layer_.weight_bytes > 0) {
      add_load(t, layer_.weights_are_activations ? 1 : kWeightsOperand, weight_source(),
               share(layer_.weight_bytes, channel, tiling.channel_tiles), out_.weight_tile_bytes);
    }
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      const auto operand = static_cast<std::int8_t>(i);
      if (d.bytes == 0) continue;
      if (d.every_tile) {
        const std::int64_t part = std::int64_t{row} * tiling.channel_tiles + channel;
        add_load(t, operand, d.source, share(d.bytes, part, tiling.count()), d.pe_bytes);
      } else if (tiling.rows_outer ? channel == 0 : (tiling.row_tiles > 1 || channel == 0)) {
        add_load(t, operand, d.source, share(d.bytes, row, tiling.row_tiles), d.pe_bytes);
      }
    }
    if (t == 0 && layer_.gate_bytes > 0) {
      add_load(t, 1, source_of(context_.inputs[1]), layer_.gate_bytes, layer_.gate_bytes);
    }
  }

  void add_tile(int t, int row, int channel) {
    const PeTile part{std::min(tile_rows_, whole_.rows - row * tile_rows_), whole_.cols,
                      std::min(tile_channels_, whole_.channels - channel * tile_channels_)};
    const PeTileCost& cost = cost_of(part);
    Tile tile;
    tile.loads = loads_of_tile_;
    tile.compute_cycles = cost.cycles;
    tile.local_memory_bytes = cost.local_memory_bytes;
    tile.macs = share(layer_.macs, t, mapping_.tiling.count());
    tile.stores = std::max(0, stores_ - (stored_tile_ == t - 1 ? 1 : 0));
    tile.first_row = static_cast<std::int32_t>(row * tile_rows_);
    tile.rows = static_cast<std::int32_t>(part.rows);
    tile.first_channel = static_cast<std::int32_t>(channel * tile_channels_);
    tile.channels = static_cast<std::int32_t>(part.channels);
    if (layer_.kind == WorkKind::kGlobalPool && row + 1 == mapping_.tiling.row_tiles) {
      // int32 sums of all PEs that share a channel, added pairwise along a tree.
      const unsigned sharers = static_cast<unsigned>(mapping_.pes.rows * mapping_.pes.cols);
      tile.reduction_bytes = part.channels * 4 * std::bit_width(sharers - 1);
      out_.interconnect_bytes += share(std::int64_t{layer_.out_c} * 4 * (sharers - 1), channel,
                                       mapping_.tiling.channel_tiles);
    }
    out_.tiles.push_back(tile);
    out_.local_memory_bytes += cost.local_memory_bytes * accelerator_.pes();
    out_.register_file_bytes += cost.register_file_bytes * accelerator_.pes();
  }

  /// All tiles are alike but those at the lower edge and of the last channels.
  const PeTileCost& cost_of(const PeTile& part) {
    const std::size_t edge =
        (part.rows < tile_rows_ ? 1u : 0u) + (part.channels < tile_channels_ ? 2u : 0u);
    if (!costs_[edge]) {
      costs_[edge] = pe_tile_cost(layer_, accelerator_, mapping_.lanes, bank_, part);
    }
    return *costs_[edge];
  }

  /// The results of tile `t`; a global pool has them after the last rows.
  void add_store(int t) {
    if (context_.output_on_chip) return;
    const bool pooled = layer_.kind == WorkKind::kGlobalPool;
    const Tiling& tiling = mapping_.tiling;
    if (pooled && (t + 1) % tiling.row_tiles != 0) return;
    const std::int64_t bytes = pooled
                                   ? share(layer_.out_c, t / tiling.row_tiles, tiling.channel_tiles)
                                   : share(layer_.out_elements(), t, tiling.count());
    const std::int64_t pe_bytes = tile_rows_ * whole_.cols * tile_channels_;
    add_transfer({TransferKind::kOutput, t, t, false, bytes, bytes,
                  pooled ? tile_channels_ : pe_bytes, kOutputOperand});
    ++stores_;
    stored_tile_ = t;
  }

  const LayerGeometry& layer_;
  const AcceleratorConfig& accelerator_;
  const LayerContext& context_;
  const BankUse& bank_;
  LayerMapping& mapping_;
  LayerSchedule& out_;
  PeTile whole_;
  std::int64_t tile_rows_ = 1, tile_channels_ = 1;
  std::array<Delivery, kMaxInputs> inputs_;
  std::array<std::optional<PeTileCost>, 4> costs_;
  int loads_of_tile_ = 0;
  int stores_ = 0;  // so far, the last of tile stored_tile_
  int stored_tile_ = -1;
};

}  // namespace

PeTile pe_share(const LayerGeometry& layer, const PeSplit& split) {
  const bool pooled = layer.kind == WorkKind::kGlobalPool;
  return {ceil_div(pooled ? layer.in_h : layer.out_h, split.rows),
          ceil_div(pooled ? layer.in_w : layer.out_w, split.cols),
          ceil_div(layer.out_c, split.channels)};
}

std::int64_t resident_bytes(const TensorShape& shape, const PeSplit& layout) {
  return ceil_div(shape.height, layout.rows) * ceil_div(shape.width, layout.cols) *
         ceil_div(shape.channels, layout.channels);
}

bool build_schedule(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                    const LayerContext& context, const BankUse& bank, LayerMapping& mapping,
                    LayerSchedule& schedule) {
  ScheduleBuilder builder(layer, accelerator, context, bank, mapping, schedule);
  builder.size();
  if (schedule.needed_bytes() > context.available_bytes) return false;
  builder.emit();
  return true;
}

}  // namespace dovetail
