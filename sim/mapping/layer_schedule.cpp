#include "sim/mapping/layer_schedule.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>

#include "sim/bandwidth_server.h"
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
  std::int64_t pe_bytes = 0;  // of these, what the busiest PE takes, for one band
  bool every_tile = false;    // channelwise: each tile needs its own part; else one a band
};

MissingInputs missing_of(int outputs, const WindowAxis& window, int parts) {
  MissingInputs missing;
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

/// What passes the IO port and the links.
struct Traffic {
  std::int64_t io_bytes = 0, link_bytes = 0;

  void add(const Source& from, std::int64_t bytes, std::int64_t pe_bytes) {
    if (from.dram) io_bytes += bytes;
    if (from.kind == TransferKind::kExchange) link_bytes += pe_bytes;
  }
  Cycles cycles(const AcceleratorConfig& accelerator) const {
    const double io = static_cast<double>(io_bytes) / accelerator.io_bytes_per_cycle() +
                      (io_bytes > 0 ? accelerator.io_latency_cycles : 0);
    const double links = static_cast<double>(link_bytes) / accelerator.link_bytes_per_pe_cycle;
    return static_cast<Cycles>(std::max(io, links));
  }
};

/// Each PE keeps of the tensor what its part of the output reads, but for halos.
bool in_place(const LayerGeometry& layer, const TensorPlacement& tensor,
              std::int64_t tensor_channels, const PeSplit& split) {
  if (!tensor.on_chip || tensor.layout != split || layer.flattens) return false;
  return split.channels == 1 || (layer.channelwise() && tensor_channels == layer.out_c);
}

class ScheduleBuilder {
 public:
  ScheduleBuilder(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                  const LayerContext& context, const PeOption& pes, const LaneOption& lanes,
                  LayerMapping& mapping, LayerSchedule& out)
      : layer_(layer),
        accelerator_(accelerator),
        context_(context),
        pes_(pes),
        lanes_(lanes),
        whole_(pes.share),
        mapping_(mapping),
        out_(out) {
    mapping_.pes = pes.split;
    mapping_.lanes = lanes.split;
    mapping_.tiling.of_columns = pes.bands_of_columns;
  }

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

  /// Cycles that no order of events can beat: everything must pass the resource that carries it,
  /// nothing is computed before the first tile's operands are there, nor the last tile before all.
  Cycles lower_bound(Cycles compute_cycles) {
    const Tiling& tiling = mapping_.tiling;
    const bool weights_each_band = tiling.bands_outer && tiling.channel_tiles > 1;
    Traffic all, first;
    if (weights_move()) {
      const Source from = weight_source();
      const std::int64_t loads = weights_each_band ? tiling.count() : tiling.channel_tiles;
      all.add(from, layer_.weight_bytes * (weights_each_band ? tiling.bands : 1),
              out_.weight_tile_bytes * loads);
      first.add(from, share(layer_.weight_bytes, 0, tiling.channel_tiles), out_.weight_tile_bytes);
    }
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      if (d.bytes == 0) continue;
      const int loads = loads_of(d);
      const int parts = d.every_tile ? tiling.count() : tiling.bands;
      all.add(d.source, d.bytes * loads / parts, d.pe_bytes * loads);
      first.add(d.source, share(d.bytes, 0, parts), d.pe_bytes);
    }
    const Cycles last = pe_tile_cycles(layer_, accelerator_, lanes_,
                                       part_of_tile(tiling.bands - 1, tiling.channel_tiles - 1));
    Cycles bound = std::max(first.cycles(accelerator_) + compute_cycles,
                            all.cycles(accelerator_) + last + accelerator_.tile_issue_cycles);
    if (!context_.output_on_chip) {
      all.io_bytes += layer_.out_elements();
      bound = std::max(bound, all.cycles(accelerator_));
    }
    return bound;
  }

  void emit() {
    out_.register_file_need = register_file_need(accelerator_, lanes_.split, lanes_.bank,
                                                 {band_, pes_.across.share, tile_channels_});
    const Tiling& tiling = mapping_.tiling;
    for (int t = 0; t < tiling.count(); ++t) {
      const int band = tiling.bands_outer ? t / tiling.channel_tiles : t % tiling.bands;
      const int channel = tiling.bands_outer ? t % tiling.channel_tiles : t / tiling.bands;
      add_loads(t, band, channel);
      if (t > 0) add_store(t - 1);
      add_tile(t, band, channel);
    }
    add_store(tiling.count() - 1);
  }

 private:
  /// How often a part of an input is loaded.
  int loads_of(const Delivery& d) const {
    const Tiling& tiling = mapping_.tiling;
    if (d.every_tile) return tiling.count();
    if (tiling.bands_outer || tiling.bands == 1) return tiling.bands;
    return tiling.count();
  }

  void round_tiling() {
    Tiling& tiling = mapping_.tiling;
    // Channels read inputs of their own: bands first would gain nothing, and would have to keep the
    // rows between two bands for all channels.
    if (layer_.channelwise()) tiling.bands_outer = false;
    band_ = ceil_div(pes_.bands.share, tiling.bands);
    tile_channels_ = tile_channels(whole_, lanes_.split, tiling.channel_tiles);
    tiling.bands = static_cast<int>(ceil_div(pes_.bands.share, band_));
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
      const std::int64_t bytes = pes_.bands.read * pes_.across.read * read_channels;
      const std::int64_t channels = tile_input_channels(tensor_channels);
      const std::int64_t along = pes_.bands.inputs_of(band_);
      const std::int64_t across = pes_.across.inputs_of(pes_.across.share);
      if (in_place(layer_, at, tensor_channels, pes_.split)) {
        const MissingInputs &ends = pes_.bands.missing, &sides = pes_.across.missing;
        d.bytes =
            std::min(bytes, (ends.all_pes * pes_.across.input + sides.all_pes * pes_.bands.input) *
                                read_channels);
        d.pe_bytes = (ends.busiest_pe * across + sides.busiest_pe * along) * channels;
      } else {
        d.source = source_of(at);
        d.bytes = bytes;
        d.pe_bytes = along * across * channels;
      }
    }
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

  void count_buffers() {
    const Tiling& tiling = mapping_.tiling;
    out_.weight_tile_bytes =
        weights_move() ? ceil_div(layer_.weight_bytes * tile_channels_, layer_.out_c) : 0;
    out_.buffer_bytes = out_.weight_tile_bytes * std::min(2, tiling.channel_tiles);
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      const int loads = d.every_tile ? tiling.count() : tiling.bands;
      out_.buffer_bytes += d.pe_bytes * std::min(2, loads);
    }
    out_.buffer_bytes += layer_.gate_bytes;
    const bool pooled = layer_.kind == WorkKind::kGlobalPool;
    if (context_.output_on_chip) {
      out_.output_bytes = pooled ? whole_.channels * 4 : whole_.elements();
    } else {
      const std::int64_t results =
          pooled ? tile_channels_ * std::min(2, tiling.channel_tiles)
                 : band_ * pes_.across.share * tile_channels_ * std::min(2, tiling.count());
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

  bool weights_move() const {
    return layer_.weight_bytes > 0 && !weights_in_place(layer_, context_, accelerator_, pes_.split);
  }

  Source weight_source() const {
    if (layer_.weights_are_activations) return source_of(context_.inputs[1]);
    return {TransferKind::kWeights, !context_.weights_cached};
  }

  void add_loads(int t, int band, int channel) {
    const Tiling& tiling = mapping_.tiling;
    loads_of_tile_ = 0;
    const bool new_weights =
        tiling.bands_outer ? (tiling.channel_tiles > 1 || band == 0) : band == 0;
    if (new_weights && weights_move()) {
      add_load(t, layer_.weights_are_activations ? 1 : kWeightsOperand, weight_source(),
               share(layer_.weight_bytes, channel, tiling.channel_tiles), out_.weight_tile_bytes);
    }
    for (int i = 0; i < layer_.inputs; ++i) {
      const Delivery& d = inputs_[static_cast<std::size_t>(i)];
      const auto operand = static_cast<std::int8_t>(i);
      if (d.bytes == 0) continue;
      if (d.every_tile) {
        const std::int64_t part = std::int64_t{band} * tiling.channel_tiles + channel;
        add_load(t, operand, d.source, share(d.bytes, part, tiling.count()), d.pe_bytes);
      } else if (tiling.bands_outer ? channel == 0 : (tiling.bands > 1 || channel == 0)) {
        add_load(t, operand, d.source, share(d.bytes, band, tiling.bands), d.pe_bytes);
      }
    }
    if (t == 0 && layer_.gate_bytes > 0) {
      add_load(t, 1, source_of(context_.inputs[1]), layer_.gate_bytes, layer_.gate_bytes);
    }
  }

  void add_tile(int t, int band, int channel) {
    const PeTile part = part_of_tile(band, channel);
    const PeTileCost& cost = cost_of(part);
    Tile tile;
    tile.loads = loads_of_tile_;
    tile.compute_cycles = cost.cycles;
    tile.vector_cycles = cost.vector_cycles;
    tile.local_memory_bytes = cost.local_memory_bytes;
    tile.macs = share(layer_.macs, t, mapping_.tiling.count());
    tile.stores = std::max(0, stores_ - (stored_tile_ == t - 1 ? 1 : 0));
    tile.first_line = static_cast<std::int32_t>(band * band_);
    tile.lines = static_cast<std::int32_t>(part.rows);
    tile.first_channel = static_cast<std::int32_t>(channel * tile_channels_);
    tile.channels = static_cast<std::int32_t>(part.channels);
    if (layer_.kind == WorkKind::kGlobalPool && band + 1 == mapping_.tiling.bands) {
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

  /// Turned so that bands are of rows, which costs the same.
  PeTile part_of_tile(int band, int channel) const {
    return {std::min(band_, pes_.bands.share - band * band_), pes_.across.share,
            std::min(tile_channels_, whole_.channels - channel * tile_channels_)};
  }

  /// All tiles are alike but those at the lower edge and of the last channels.
  const PeTileCost& cost_of(const PeTile& part) {
    const std::size_t edge =
        (part.rows < band_ ? 1u : 0u) + (part.channels < tile_channels_ ? 2u : 0u);
    if (!costs_[edge]) {
      costs_[edge] = pe_tile_cost(layer_, accelerator_, lanes_, part);
    }
    return *costs_[edge];
  }

  /// The results of tile `t`; a global pool has them after the last band.
  void add_store(int t) {
    if (context_.output_on_chip) return;
    const bool pooled = layer_.kind == WorkKind::kGlobalPool;
    const Tiling& tiling = mapping_.tiling;
    if (pooled && (t + 1) % tiling.bands != 0) return;
    const std::int64_t bytes = pooled ? share(layer_.out_c, t / tiling.bands, tiling.channel_tiles)
                                      : share(layer_.out_elements(), t, tiling.count());
    const std::int64_t pe_bytes = band_ * pes_.across.share * tile_channels_;
    add_transfer({TransferKind::kOutput, t, t, false, bytes, bytes,
                  pooled ? tile_channels_ : pe_bytes, kOutputOperand});
    ++stores_;
    stored_tile_ = t;
  }

  const LayerGeometry& layer_;
  const AcceleratorConfig& accelerator_;
  const LayerContext& context_;
  const PeOption& pes_;
  const LaneOption& lanes_;
  const PeTile& whole_;
  LayerMapping& mapping_;
  LayerSchedule& out_;
  std::int64_t band_ = 1, tile_channels_ = 1;
  std::array<Delivery, kMaxInputs> inputs_;
  std::array<std::optional<PeTileCost>, 4> costs_;
  int loads_of_tile_ = 0;
  int stores_ = 0;  // so far, the last of tile stored_tile_
  int stored_tile_ = -1;
};

}  // namespace

bool weights_in_place(const LayerGeometry& layer, const LayerContext& context,
                      const AcceleratorConfig& accelerator, const PeSplit& split) {
  return context.weights_cached && !layer.weights_are_activations &&
         split.channels == accelerator.pes();
}

PeTile pe_share(const LayerGeometry& layer, const PeSplit& split) {
  const bool pooled = layer.kind == WorkKind::kGlobalPool;
  return {ceil_div(pooled ? layer.in_h : layer.out_h, split.rows),
          ceil_div(pooled ? layer.in_w : layer.out_w, split.cols),
          ceil_div(layer.out_c, split.channels)};
}

PeOption pe_option(const LayerGeometry& layer, const PeSplit& split) {
  // What PEs divide: a global pool's input, else the output.
  const bool pooled = layer.kind == WorkKind::kGlobalPool;
  const auto axis = [&](std::int64_t share, int outputs, const WindowAxis& window, int halo,
                        int parts) {
    if (pooled) return PeAxis{share, window.input, window.input, 1, 0, {}};
    return PeAxis{share,         window.input, window.inputs_of({0, outputs}).size(),
                  window.stride, halo,         missing_of(outputs, window, parts)};
  };
  PeOption option{split, pe_share(layer, split), {}, {}, false};
  const PeAxis rows =
      axis(option.share.rows, layer.out_h,
           {layer.in_h, layer.stride_h, layer.reach_h, layer.pad_top}, layer.halo_h, split.rows);
  const PeAxis cols =
      axis(option.share.cols, layer.out_w,
           {layer.in_w, layer.stride_w, layer.reach_w, layer.pad_left}, layer.halo_w, split.cols);
  const auto rank = [](const PeAxis& a) {
    return std::tuple(-a.share, a.halo, a.input, a.stride, a.read, a.missing.all_pes,
                      a.missing.busiest_pe);
  };
  option.bands_of_columns = rank(cols) < rank(rows);
  option.bands = option.bands_of_columns ? cols : rows;
  option.across = option.bands_of_columns ? rows : cols;
  return option;
}

std::int64_t tile_channels(const PeTile& share, const LaneSplit& lanes, std::int64_t count) {
  const std::int64_t block = std::int64_t{lanes.lane_channels} * lanes.unit_channels;
  const std::int64_t channels = ceil_div(share.channels, count);
  if (channels <= block) return channels;
  return std::min(share.channels, ceil_div(channels, block) * block);
}

std::int64_t least_transfer_cycles(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                   const LayerContext& context, const PeOption& pes) {
  Traffic traffic;
  if (!layer.weights_are_activations && !context.weights_cached) {
    traffic.io_bytes += layer.weight_bytes;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer.inputs); ++i) {
    const TensorPlacement& at = context.inputs[i];
    const std::int64_t channels = layer.input_channels[i];
    if (in_place(layer, at, channels, pes.split)) continue;
    const bool by_channel = layer.channelwise() && pes.split.channels > 1;
    const std::int64_t busiest_pe = by_channel
                                        ? 0  // less than all, and where it matters little
                                        : pes.bands.inputs_of(pes.bands.share) *
                                              pes.across.inputs_of(pes.across.share) * channels;
    traffic.add(source_of(at), pes.bands.read * pes.across.read * channels, busiest_pe);
  }
  if (!context.output_on_chip) traffic.io_bytes += layer.out_elements();
  return traffic.cycles(accelerator);
}

bool input_moves(const LayerGeometry& layer, const LayerContext& context, const PeOption& pes,
                 int input) {
  const auto i = static_cast<std::size_t>(input);
  return !in_place(layer, context.inputs[i], layer.input_channels[i], pes.split) ||
         pes.bands.missing.all_pes > 0 || pes.across.missing.all_pes > 0;
}

std::int64_t resident_bytes(const TensorShape& shape, const PeSplit& layout) {
  return ceil_div(shape.height, layout.rows) * ceil_div(shape.width, layout.cols) *
         ceil_div(shape.channels, layout.channels);
}

Fit build_schedule(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                   const LayerContext& context, const PeOption& pes, const LaneOption& lanes,
                   LayerMapping& mapping, LayerSchedule& schedule, std::int64_t compute_cycles,
                   std::int64_t deadline) {
  ScheduleBuilder builder(layer, accelerator, context, pes, lanes, mapping, schedule);
  builder.size();
  if (schedule.needed_bytes() > context.available_bytes) return Fit::kTooLarge;
  if (builder.lower_bound(compute_cycles) > deadline) return Fit::kTooSlow;
  builder.emit();
  return Fit::kFits;
}

}  // namespace dovetail
