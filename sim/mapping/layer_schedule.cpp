#include "sim/mapping/layer_schedule.h"

#include <algorithm>
#include <bit>
#include <optional>

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
    const PeSplit& pes = mapping_.pes;
    for (int i = 0; i < layer_.inputs; ++i) {
      const TensorPlacement& at = context_.inputs[static_cast<std::size_t>(i)];
      Delivery& d = inputs_[static_cast<std::size_t>(i)];
      d = {};
      d.every_tile = layer_.channelwise();
      const bool in_place =
          at.on_chip && at.layout == pes && (layer_.channelwise() || pes.channels == 1);
      const std::int64_t tensor_channels = layer_.input_channels[static_cast<std::size_t>(i)];
      const std::int64_t channels = layer_.channelwise()
                                        ? ceil_div(tile_channels_ * tensor_channels, layer_.out_c)
                                        : tensor_channels;
      const std::int64_t rows = input_rows(tile_rows_), cols = input_cols();
      if (in_place) {
        d.bytes = (std::int64_t{pes.rows - 1} * layer_.halo_h * layer_.in_w +
                   std::int64_t{pes.cols - 1} * layer_.halo_w * layer_.in_h) *
                  tensor_channels;
        d.pe_bytes = d.bytes == 0 ? 0
                                  : (pes.rows > 1 ? layer_.halo_h * cols * channels : 0) +
                                        (pes.cols > 1 ? layer_.halo_w * rows * channels : 0);
      } else {
        d.source = source_of(at);
        d.bytes = std::int64_t{layer_.in_h} * layer_.in_w * tensor_channels;
        d.pe_bytes = rows * cols * channels;
      }
    }
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
      out_.buffer_bytes += (pooled ? tile_channels_ : tile_rows_ * whole_.cols * tile_channels_) *
                           std::min(2, tiling.count());
    }
  }

  void add_transfer(const Transfer& transfer) {
    out_.transfers.push_back(transfer);
    out_.io_bytes += transfer.io_bytes;
    out_.interconnect_bytes += transfer.interconnect_bytes;
    out_.local_memory_bytes += transfer.local_bytes * accelerator_.pes();
  }

  void add_load(int tile, TransferKind kind, bool from_dram, std::int64_t bytes,
                std::int64_t pe_bytes) {
    if (bytes == 0) return;
    add_transfer({kind, tile, tile - 2, false, from_dram ? bytes : 0, bytes, pe_bytes});
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
      const Source from = weight_source();
      add_load(t, from.kind, from.dram, share(layer_.weight_bytes, channel, tiling.channel_tiles),
               out_.weight_tile_bytes);
    }
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      if (d.every_tile) {
        const std::int64_t part = std::int64_t{row} * tiling.channel_tiles + channel;
        add_load(t, d.source.kind, d.source.dram, share(d.bytes, part, tiling.count()), d.pe_bytes);
      } else if (tiling.rows_outer ? channel == 0 : (tiling.row_tiles > 1 || channel == 0)) {
        add_load(t, d.source.kind, d.source.dram, share(d.bytes, row, tiling.row_tiles),
                 d.pe_bytes);
      }
    }
    if (t == 0 && layer_.gate_bytes > 0) {
      const Source from = source_of(context_.inputs[1]);
      add_load(t, from.kind, from.dram, layer_.gate_bytes, layer_.gate_bytes);
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
    if (layer_.kind == WorkKind::kGlobalPool) {
      // int32 sums of all PEs that share a channel, added pairwise along a tree.
      const unsigned sharers = static_cast<unsigned>(mapping_.pes.rows * mapping_.pes.cols);
      tile.reduction_bytes = part.channels * 4 * std::bit_width(sharers - 1);
      out_.interconnect_bytes +=
          share(std::int64_t{layer_.out_c} * 4 * (sharers - 1), t, mapping_.tiling.count());
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

  void add_store(int t) {
    if (context_.output_on_chip) return;
    const std::int64_t bytes = share(layer_.out_elements(), t, mapping_.tiling.count());
    const std::int64_t pe_bytes = tile_rows_ * whole_.cols * tile_channels_;
    add_transfer({TransferKind::kOutput, t, t, false, bytes, bytes,
                  layer_.kind == WorkKind::kGlobalPool ? tile_channels_ : pe_bytes});
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
