#include "sim/mapping/schedule_builder.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace dovetail {
namespace {

/// Part `i` of `total` cut into `parts` so that the parts add up exactly.
std::int64_t share(std::int64_t total, std::int64_t i, std::int64_t parts) {
  return parts == 1 ? total : quotient(total * (i + 1), parts) - quotient(total * i, parts);
}

}  // namespace

ScheduleBuilder::ScheduleBuilder(const LayerGeometry& layer, const AcceleratorConfig& accelerator,
                                 const LayerContext& context, const PeOption& pes)
    : layer_(layer),
      accelerator_(accelerator),
      context_(context),
      pes_(pes),
      whole_(pes.share),
      io_port_(accelerator),
      interconnect_(accelerator),
      local_memory_(accelerator),
      tile_timing_(accelerator),
      every_tile_(layer.channelwise()),
      weights_move_(layer.weight_bytes > 0 &&
                    !weights_in_place(layer, context, accelerator, pes.split)),
      weight_source_(layer.weights_are_activations
                         ? source_of(context.inputs[1])
                         : Source{TransferKind::kWeights, !context.weights_cached}) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer.inputs); ++i) {
    Delivery& d = inputs_[i];
    d.in_place = in_place(layer, context.inputs[i], layer.input_channels[i], pes.split);
    if (!d.in_place) d.source = source_of(context.inputs[i]);
  }
}

void ScheduleBuilder::start(const LaneOption& lanes, LayerMapping& mapping,
                            LayerSchedule& schedule) {
  mapping.pes = pes_.split;
  mapping.lanes = lanes.split;
  if (lanes_ != &lanes) known_costs_ = 0;
  lanes_ = &lanes;
  tiling_ = mapping.tiling;
  round_tiling();
  mapping.tiling = tiling_;
  schedule.tiles.clear();
  schedule.transfers.clear();
  schedule = LayerSchedule{std::move(schedule.tiles), std::move(schedule.transfers)};
  out_ = &schedule;
  plan_inputs();
  count_buffers();
  mapping.buffer_bytes = schedule.needed_bytes();
}

/// No order of events beats this: everything must pass the resource that carries it, nothing is
/// computed before the first tile's operands are there, nor the last tile before all. First what is
/// cheap to know.
MappingRank ScheduleBuilder::outline(const LaneOption& lanes, LayerMapping& mapping,
                                     LayerSchedule& schedule, Cycles compute_at_least,
                                     std::int64_t place, const MappingRank& to_beat) {
  start(lanes, mapping, schedule);
  const Arrival arrival = earliest_arrival();
  MappingRank bound{std::max(arrival.first_tile + compute_at_least, arrival.all),
                    mapping.buffer_bytes, place};
  if (bound >= to_beat) return bound;
  bound.cycles = std::max(
      {bound.cycles, arrival.first_tile + compute_cycles() + stalls(arrival.next_step),
       arrival.all_loads + tile_cycles(cost_of(last_tile(), tiling_.reduction_tiles - 1))});
  return bound;
}

bool ScheduleBuilder::build(const LaneOption& lanes, LayerMapping& mapping, LayerSchedule& schedule,
                            const std::function<bool()>& go_on) {
  start(lanes, mapping, schedule);
  if (mapping.buffer_bytes > context_.available_bytes) return false;
  schedule.compute_cycles = compute_cycles();
  emit(go_on);
  return true;
}

// ---- sizes and bounds: no commands yet ----

void ScheduleBuilder::round_tiling() {
  // Channels read inputs of their own: bands first would gain nothing, and would have to keep the
  // rows between two bands for all channels.
  if (every_tile_) tiling_.bands_outer = false;
  if (tiling_.reduction_tiles > 1) tiling_.bands_outer = true;
  tiling_.of_columns = pes_.bands_of_columns;
  const std::int64_t band = ceil_div(pes_.bands.share, tiling_.bands);
  const std::int64_t channels = tile_channels(whole_, lanes_->split, tiling_.channel_tiles);
  tiling_.bands = static_cast<int>(ceil_div(pes_.bands.share, band));
  tiling_.channel_tiles = static_cast<int>(ceil_div(whole_.channels, channels));
  // Parts are whole steps, so that only the last part has idle ways.
  const std::int64_t all = layer_.reduction_channels(), ways = lanes_->split.ways;
  const std::int64_t reduction =
      std::min(all, ceil_div(ceil_div(all, tiling_.reduction_tiles), ways) * ways);
  tiling_.reduction_tiles = static_cast<int>(ceil_div(all, reduction));
  if (band == band_ && channels == tile_channels_ && reduction == tile_reduction_) {
    return;  // the other order of the same tiles
  }
  band_ = band;
  tile_channels_ = channels;
  tile_reduction_ = reduction;
  known_costs_ = 0;
}

/// From issue to result, the slower of computing and the local memory's port.
Cycles ScheduleBuilder::tile_cycles(const PeTileCost& cost) const {
  return tile_timing_.cycles(cost.cycles, cost.vector_cycles,
                             local_memory_.read_cycles(cost.local_memory_bytes));
}

/// Of all tiles, one after another, all operands at hand.
Cycles ScheduleBuilder::compute_cycles() {
  const PeTile whole{band_, pes_.across.share, tile_channels_}, last = last_tile();
  const int edge_bands = last.rows < band_ ? 1 : 0;
  const int edge_channels = last.channels < tile_channels_ ? 1 : 0;
  const int bands = tiling_.bands - edge_bands, channels = tiling_.channel_tiles - edge_channels;
  const auto alike = [&](int count, std::int64_t rows, std::int64_t channels_of_tile) {
    return count == 0 ? 0 : count * cycles_of_sums({rows, whole.cols, channels_of_tile});
  };
  return alike(bands * channels, whole.rows, whole.channels) +
         alike(edge_bands * channels, last.rows, whole.channels) +
         alike(bands * edge_channels, whole.rows, last.channels) +
         alike(edge_bands * edge_channels, last.rows, last.channels);
}

/// A step of the outer loop brings new weights (or, with bands outside, new inputs), which are
/// requested once the last tile but one has been computed: the last one alone hides them.
Cycles ScheduleBuilder::stalls(Cycles next_step) {
  const auto [inner, outer] = tiling_.bands_outer ? std::pair(tiling_.channel_tiles, tiling_.bands)
                                                  : std::pair(tiling_.bands, tiling_.channel_tiles);
  // Of a cut reduction the last tile is one of several kinds; and with one tile a step, the last
  // tile but one is another step's.
  if (inner < 2 || tiling_.reduction_tiles > 1) return 0;
  const Cycles hidden = tile_cycles(cost_of({band_, pes_.across.share, tile_channels_}, 0));
  return (outer - 1) * std::max<Cycles>(0, next_step - hidden);
}

/// An operand that is here already in the right layout costs its halos, any other all of it.
void ScheduleBuilder::plan_inputs() {
  const std::int64_t along = pes_.bands.inputs_of(band_);
  const std::int64_t across = pes_.across.inputs_of(pes_.across.share);
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer_.inputs); ++i) {
    Delivery& d = inputs_[i];
    const std::int64_t tensor_channels = layer_.input_channels[i];
    const std::int64_t read_channels = tensor_channels + channels_read_twice(tensor_channels);
    const std::int64_t channels = tile_input_channels(tensor_channels);
    std::int64_t positions = pes_.bands.read * pes_.across.read;
    std::int64_t pe_positions = along * across;
    if (d.in_place) {
      const MissingInputs &ends = pes_.bands.missing, &sides = pes_.across.missing;
      positions =
          std::min(positions, ends.all_pes * pes_.across.input + sides.all_pes * pes_.bands.input);
      pe_positions = ends.busiest_pe * across + sides.busiest_pe * along;
    }
    d.bytes = layer_.bytes_of_activations(positions * read_channels);
    d.pe_bytes = layer_.bytes_of_activations(pe_positions * channels);
  }
}

/// Channels of an input that a tile reads.
std::int64_t ScheduleBuilder::tile_input_channels(std::int64_t tensor_channels) const {
  if (!layer_.channelwise()) return tensor_channels;
  // A tile of a concatenation may lie in one of its inputs.
  if (layer_.kind == WorkKind::kElementwise) return std::min(tile_channels_, tensor_channels);
  if (tensor_channels == layer_.out_c) return tile_channels_;
  return ceil_div(tile_channels_ * tensor_channels, layer_.out_c) +
         (channels_read_twice(tensor_channels) > 0 ? 1 : 0);
}

/// Where a depthwise convolution makes several channels of one, tiles and PEs that divide these
/// read the one each.
std::int64_t ScheduleBuilder::channels_read_twice(std::int64_t tensor_channels) const {
  if (layer_.kind != WorkKind::kDepthwise || tensor_channels == layer_.out_c) return 0;
  const std::int64_t multiplier = layer_.out_c / tensor_channels;
  if (tile_channels_ % multiplier == 0 && whole_.channels % multiplier == 0) return 0;
  return std::int64_t{pes_.split.channels} * tiling_.channel_tiles - 1;
}

void ScheduleBuilder::count_buffers() {
  LayerSchedule& out = *out_;
  const int weight_tiles = tiling_.channel_tiles * tiling_.reduction_tiles;
  if (weights_move_) {
    const std::int64_t of_channels = ceil_div(layer_.weight_bytes * tile_channels_, layer_.out_c);
    out.weight_tile_bytes = ceil_div(of_channels * tile_reduction_, layer_.reduction_channels());
  }
  out.buffer_bytes = out.weight_tile_bytes * std::min(2, weight_tiles);
  if (tiling_.reduction_tiles > 1) {
    out.buffer_bytes += cost_of({band_, pes_.across.share, tile_channels_}, 0).waiting_sum_bytes;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer_.inputs); ++i) {
    const int loads = every_tile_ ? tiling_.count() : tiling_.bands;
    out.buffer_bytes += inputs_[i].pe_bytes * std::min(2, loads);
  }
  out.buffer_bytes += layer_.gate_bytes;
  const bool pooled = layer_.kind == WorkKind::kGlobalPool;
  if (context_.output_on_chip) {
    out.output_bytes = pooled ? layer_.bytes_of_accumulators(whole_.channels)
                              : layer_.bytes_of_activations(whole_.elements());
  } else {
    const std::int64_t results =
        pooled ? tile_channels_ * std::min(2, tiling_.channel_tiles)
               : band_ * pes_.across.share * tile_channels_ * std::min(2, tiling_.outputs());
    out.buffer_bytes += layer_.bytes_of_activations(results) +
                        (pooled ? layer_.bytes_of_accumulators(tile_channels_) : 0);  // sums
  }
}

/// How often each part of an input is loaded.
int ScheduleBuilder::passes_over_inputs() const {
  const bool again = !every_tile_ && !tiling_.bands_outer && tiling_.bands > 1;
  return again ? tiling_.channel_tiles : 1;
}

ScheduleBuilder::Arrival ScheduleBuilder::earliest_arrival() const {
  Traffic all, first, next;
  if (weights_move_) {
    const int tiles = tiling_.channel_tiles * tiling_.reduction_tiles;
    const bool each_band = tiling_.bands_outer && tiles > 1;
    const int passes = each_band ? tiling_.bands : 1;
    all.add(weight_source_, layer_.weight_bytes * passes, out_->weight_tile_bytes * tiles * passes);
    first.add(weight_source_, share(layer_.weight_bytes, 0, tiles), out_->weight_tile_bytes);
    if (!tiling_.bands_outer) {
      next.add(weight_source_, layer_.weight_bytes / tiling_.channel_tiles,
               out_->weight_tile_bytes);
    }
  }
  const int passes = passes_over_inputs();
  const int parts = every_tile_ ? tiling_.count() : tiling_.bands;
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer_.inputs); ++i) {
    const Delivery& d = inputs_[i];
    if (d.bytes == 0) continue;
    all.add(d.source, d.bytes * passes, d.pe_bytes * parts * passes);
    first.add(d.source, share(d.bytes, 0, parts), d.pe_bytes);
    if (tiling_.bands_outer) next.add(d.source, d.bytes / parts, d.pe_bytes);
  }
  const auto cycles = [&](const Traffic& t) { return t.cycles(io_port_, interconnect_); };
  Arrival arrival{cycles(first), cycles(next), cycles(all), 0};
  if (!context_.output_on_chip) all.io_bytes += layer_.out_bytes();
  arrival.all = cycles(all);
  return arrival;
}

// ---- commands ----

void ScheduleBuilder::emit(const std::function<bool()>& go_on) {
  out_->register_file_need = register_file_need(
      layer_, accelerator_, *lanes_, {band_, pes_.across.share, tile_channels_}, reduction_part(0));
  stores_ = 0;
  stored_ = -1;
  macs_ = 0;
  TilePlace at;
  for (; at.tile < tiling_.count(); advance(at)) {
    add_loads(at);
    if (at.output > 0 && at.reduction == 0) add_store(at.output - 1);
    add_tile(at);
    if (go_on && at.tile + 1 < tiling_.count() && !go_on()) return;
  }
  add_store(tiling_.outputs() - 1);
}

/// Counts, since dividing would take most of the time of a tile.
void ScheduleBuilder::advance(TilePlace& at) const {
  ++at.tile;
  if (++at.reduction < tiling_.reduction_tiles) return;
  at.reduction = 0;
  ++at.output;
  int& inner = tiling_.bands_outer ? at.channel : at.band;
  int& outer = tiling_.bands_outer ? at.band : at.channel;
  if (++inner < (tiling_.bands_outer ? tiling_.channel_tiles : tiling_.bands)) return;
  inner = 0;
  ++outer;
}

void ScheduleBuilder::add_transfer(const Transfer& transfer) {
  out_->transfers.push_back(transfer);
  out_->io_bytes += transfer.io_bytes;
  out_->interconnect_bytes += transfer.interconnect_bytes;
  out_->local_memory_bytes += transfer.local_bytes * accelerator_.pes();
}

void ScheduleBuilder::add_load(int tile, std::int8_t operand, const Source& from,
                               std::int64_t bytes, std::int64_t pe_bytes) {
  add_transfer({from.kind, tile, tile - 2, false, from.dram ? bytes : 0, bytes, pe_bytes, operand});
  out_->last_load = static_cast<std::int32_t>(out_->transfers.size()) - 1;
  ++loads_of_tile_;
}

void ScheduleBuilder::add_loads(const TilePlace& at) {
  const auto [t, output, band, channel, reduction] = at;
  loads_of_tile_ = 0;
  const int weight_tiles = tiling_.channel_tiles * tiling_.reduction_tiles;
  const bool new_weights = tiling_.bands_outer ? (weight_tiles > 1 || band == 0) : band == 0;
  if (new_weights && weights_move_) {
    const int number = channel * tiling_.reduction_tiles + reduction;
    add_load(t, layer_.weights_are_activations ? 1 : kWeightsOperand, weight_source_,
             share(layer_.weight_bytes, number, weight_tiles), out_->weight_tile_bytes);
  }
  const bool new_rows =
      tiling_.bands_outer ? channel == 0 && reduction == 0 : (tiling_.bands > 1 || channel == 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(layer_.inputs); ++i) {
    const Delivery& d = inputs_[i];
    const auto operand = static_cast<std::int8_t>(i);
    if (d.bytes == 0) continue;
    if (every_tile_) {
      const std::int64_t part = std::int64_t{band} * tiling_.channel_tiles + channel;
      add_load(t, operand, d.source, share(d.bytes, part, tiling_.count()), d.pe_bytes);
    } else if (new_rows) {
      add_load(t, operand, d.source, share(d.bytes, band, tiling_.bands), d.pe_bytes);
    }
  }
  if (t == 0 && layer_.gate_bytes > 0) {
    add_load(t, 1, source_of(context_.inputs[1]), layer_.gate_bytes, layer_.gate_bytes);
  }
}

void ScheduleBuilder::add_tile(const TilePlace& at) {
  const auto [t, output, band, channel, reduction] = at;
  const PeTile part = part_of_tile(band, channel);
  const PeTileCost& cost = cost_of(part, reduction);
  Tile tile;
  tile.loads = static_cast<std::int16_t>(loads_of_tile_);
  tile.compute_cycles = cost.cycles;
  tile.vector_cycles = cost.vector_cycles;
  tile.local_memory_bytes = cost.local_memory_bytes;
  const std::int64_t macs = quotient(layer_.macs * (t + 1), tiling_.count());
  tile.macs = macs - std::exchange(macs_, macs);
  tile.stores = std::max(0, stores_ - (stored_ == output - 1 ? 1 : 0));
  tile.first_line = static_cast<std::int32_t>(band * band_);
  tile.lines = static_cast<std::int32_t>(part.rows);
  tile.first_channel = static_cast<std::int32_t>(channel * tile_channels_);
  tile.channels = static_cast<std::int32_t>(part.channels);
  tile.first_input = static_cast<std::int32_t>(reduction * tile_reduction_);
  tile.inputs = static_cast<std::int32_t>(reduction_part(reduction).channels);
  if (layer_.kind == WorkKind::kGlobalPool && band + 1 == tiling_.bands) {
    // Sums of all PEs that share a channel, added pairwise along a tree.
    const unsigned sharers = static_cast<unsigned>(pes_.split.rows * pes_.split.cols);
    tile.reduction_bytes =
        layer_.bytes_of_accumulators(part.channels) * std::bit_width(sharers - 1);
    out_->interconnect_bytes += share(layer_.bytes_of_accumulators(layer_.out_c) * (sharers - 1),
                                      channel, tiling_.channel_tiles);
  }
  out_->tiles.push_back(tile);
  out_->local_memory_bytes += cost.local_memory_bytes * accelerator_.pes();
  out_->register_file_bytes += cost.register_file_bytes * accelerator_.pes();
}

/// Turned so that bands are of rows, which costs the same.
PeTile ScheduleBuilder::part_of_tile(int band, int channel) const {
  return {std::min(band_, pes_.bands.share - band * band_), pes_.across.share,
          std::min(tile_channels_, whole_.channels - channel * tile_channels_)};
}

PeTile ScheduleBuilder::last_tile() const {
  return part_of_tile(tiling_.bands - 1, tiling_.channel_tiles - 1);
}

ReductionPart ScheduleBuilder::reduction_part(int number) const {
  return {std::min(tile_reduction_, layer_.reduction_channels() - number * tile_reduction_),
          number == 0, number + 1 == tiling_.reduction_tiles};
}

/// All tiles are alike but those at the lower edge and of the last channels, and the first and the
/// last part of a reduction.
const PeTileCost& ScheduleBuilder::cost_of(const PeTile& tile, int reduction) {
  const ReductionPart part = reduction_part(reduction);
  const std::size_t edge = (tile.rows < band_ ? 1u : 0u) +
                           (tile.channels < tile_channels_ ? 2u : 0u) +
                           (part.last ? 0u : (part.first ? 4u : 8u));
  if ((known_costs_ >> edge & 1) == 0) {
    costs_[edge] = pe_tile_cost(layer_, accelerator_, *lanes_, tile, part);
    known_costs_ |= 1u << edge;
  }
  return costs_[edge];
}

/// Of all parts of a tile's reduction.
Cycles ScheduleBuilder::cycles_of_sums(const PeTile& tile) {
  const int parts = tiling_.reduction_tiles;
  Cycles cycles = tile_cycles(cost_of(tile, parts - 1));
  if (parts > 1) cycles += tile_cycles(cost_of(tile, 0));
  if (parts > 2) cycles += (parts - 2) * tile_cycles(cost_of(tile, 1));
  return cycles;
}

/// The results of output number `output`, when its sums are complete; a global pool has them after
/// the last band.
void ScheduleBuilder::add_store(int output) {
  if (context_.output_on_chip) return;
  const bool pooled = layer_.kind == WorkKind::kGlobalPool;
  if (pooled && (output + 1) % tiling_.bands != 0) return;
  const std::int64_t bytes =
      pooled ? share(layer_.out_bytes(), output / tiling_.bands, tiling_.channel_tiles)
             : share(layer_.out_bytes(), output, tiling_.outputs());
  const int t = (output + 1) * tiling_.reduction_tiles - 1;
  const std::int64_t pe_positions = pooled ? 1 : band_ * pes_.across.share;
  add_transfer({TransferKind::kOutput, t, t, false, bytes, bytes,
                layer_.bytes_of_activations(pe_positions * tile_channels_), kOutputOperand});
  ++stores_;
  stored_ = output;
}

}  // namespace dovetail
