#include "sim/functional/functional_model.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/functional/operand_regions.h"
#include "sim/kernels/global_pool.h"
#include "sim/kernels/operator_kernels.h"
#include "sim/kernels/weight_records.h"

namespace dovetail {
namespace {

constexpr Element kGarbage = 0x55;  // what reading poison gives

std::size_t index(std::int32_t i) {
  return static_cast<std::size_t>(i);
}

std::size_t operand_slot(int operand) {
  return operand == kWeightsOperand ? kMaxInputs : static_cast<std::size_t>(operand);
}

/// An element of a region is a byte, of weights and of activations.
void check_bits(const Layer& layer) {
  if (layer.bits == Bits{8, 8, 32}) return;
  throw std::logic_error("layer " + layer.name + ": only int8 has kernels");
}

/// A prefetched load has no bytes left: it stands for the prefetch, which moved them.
bool is_stand_in(const Transfer& transfer) {
  return transfer.operand == kWeightsOperand && transfer.interconnect_bytes == 0;
}

}  // namespace

FunctionalModel::FunctionalModel(const Network& network, const QuantizedNetwork& quantized,
                                 const AcceleratorConfig& accelerator, const Program& program,
                                 const QuantizedTensor& input)
    : network_(network), quantized_(quantized), accelerator_(accelerator), program_(program) {
  for (const LayerProgram& layer : program.layers) check_mapping(layer);
  for (const Layer& layer : network.layers()) check_bits(layer);
  tensors_.push_back(StoredTensor::in_dram(Region::of(network.input())));
  std::copy(input.data.begin(), input.data.end(), tensors_[0].parts[0].data.begin());
  tensors_.resize(1 + network.layers().size());
  store_weights();
  counts_.moved.resize(network.layers().size());
  received_.assign(network.layers().size(),
                   std::vector<std::int64_t>(static_cast<std::size_t>(accelerator.pes()), 0));
}

void FunctionalModel::check_mapping(const LayerProgram& program) const {
  const PeSplit& pes = program.mapping.pes;
  const LaneSplit& lanes = program.mapping.lanes;
  const bool fits = pes.rows * pes.cols * pes.channels <= accelerator_.pes() &&
                    lanes.lane_channels * lanes.lane_positions <= accelerator_.compute_lanes &&
                    lanes.unit_channels * lanes.unit_positions <= accelerator_.simd_units &&
                    lanes.ways <= accelerator_.simd_width;
  if (!fits) throw std::logic_error("a mapping beyond the accelerator: " + program.mapping.str());
}

/// In DRAM; or, of layers that keep them, each PE with its share of the output channels.
void FunctionalModel::store_weights() {
  weights_.resize(network_.layers().size());
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const Layer& layer = network_.layers()[i];
    if (!layer.has_weights()) continue;
    const Region whole = whole_operand(network_, layer, kWeightsOperand);
    TensorPart packed =
        pack_weights(layer, quantized_.layers[i], whole, tile_at(static_cast<int>(i), 0).inputs);
    weights_[i].on_chip = program_.layers[i].weights_cached;
    if (!weights_[i].on_chip) {
      weights_[i].parts.push_back(std::move(packed));
      continue;
    }
    for (int pe = 0; pe < accelerator_.pes(); ++pe) {
      weights_[i].parts.emplace_back(Region{part_of(layer.output.channels, pe, accelerator_.pes()),
                                            whole.cols, whole.channels});
      copy(packed, weights_[i].parts.back(), whole);
    }
  }
}

// ---- what the timing model reports ----

void FunctionalModel::transfer(std::int32_t layer, const Transfer& transfer, Cycles now,
                               Cycles done) {
  if (!transfer.prefetch) enter(layer, now);
  if (is_stand_in(transfer)) return;
  if (transfer.operand == kWeightsOperand && runs_ahead(layer)) {
    bring_weights_ahead(layer, transfer);
  } else if (transfer.operand != kOutputOperand) {
    open_buffers(layer, transfer);
  }
  pending_.push_back({layer, transfer, done});
}

void FunctionalModel::compute(std::int32_t layer, std::int32_t tile, Cycles begin) {
  enter(layer, begin);
  deliver(begin);
  check_room_for_weights(layer);
  const Tile& work = tile_at(layer, tile);
  const PeSplit& split = program_at(layer).mapping.pes;
  for (int pe = 0; pe < split.rows * split.cols * split.channels; ++pe) {
    const Region out = tile_of(share_at(layer, pe), work, of_columns(layer));
    if (!out.empty()) compute_on(layer, tile, pe, out);
  }
  const Interval lines = lines_of(share_at(layer, 0), of_columns(layer));
  const bool last_band = work.first_line + work.lines >= lines.size();
  if (is_global_pool(layer_at(layer)) && last_band) reduce(layer, tile);
  give_up_weights(layer, tile);
}

QuantizedTensor FunctionalModel::finish() {
  deliver(std::numeric_limits<Cycles>::max());
  count_outputs();
  QuantizedTensor output{network_.layers().back().output, {}};
  const StoredTensor& stored = tensors_.back();
  if (stored.on_chip || stored.parts.empty()) {
    throw std::logic_error("the network's output is not in DRAM");
  }
  for (const Element value : stored.parts[0].data) {
    counts_.poison_reads += value == kPoison;
    output.data.push_back(static_cast<std::int8_t>(value == kPoison ? kGarbage : value));
  }
  return output;
}

// ---- layers ----

/// The barrier before a layer: tensors that nobody reads any more are gone, the layer's output has
/// its place.
void FunctionalModel::enter(std::int32_t layer, Cycles now) {
  if (layer == layer_) return;
  deliver(now);
  count_outputs();
  layer_ = layer;
  for (std::int32_t i = 0; i < layer; ++i) {
    if (network_.last_reader()[index(i)] < layer) tensors_[index(i) + 1].parts.clear();
  }
  const LayerProgram& program = program_at(layer);
  const Layer& work = layer_at(layer);
  const auto first = program_.transfers.begin() + program.first_transfer;
  StoredTensor& output = tensors_[index(layer) + 1];
  output.on_chip = std::none_of(first, first + program.transfers,
                                [](const Transfer& t) { return t.operand == kOutputOperand; });
  const PeSplit layout =
      output.on_chip ? output_layout(work, program.mapping, accelerator_.pes()) : PeSplit{};
  for (int pe = 0; pe < layout.rows * layout.cols * layout.channels; ++pe) {
    output.parts.emplace_back(kept_part(work.output, layout, pe));
  }
  writes_.assign(static_cast<std::size_t>(work.output.elements()), 0);
}

void FunctionalModel::count_outputs() {
  for (const std::uint8_t count : writes_) {
    counts_.outputs_missing += count == 0;
    counts_.outputs_overwritten += count > 1;
  }
}

// ---- transfers ----

/// Lets the transfers that are done by `now` take effect. Called when a tile or layer begins: what
/// arrives while a tile is computed is not there for it.
void FunctionalModel::deliver(Cycles now) {
  std::vector<Pending> later;
  for (const Pending& next : pending_) {
    if (next.done > now) {
      later.push_back(next);
    } else if (next.transfer.operand == kOutputOperand) {
      store(next.layer, next.transfer);
    } else {
      load(next.layer, next.transfer);
    }
  }
  pending_ = std::move(later);
}

/// The first load of a pass takes the older of the two buffers, whose content is lost.
void FunctionalModel::open_buffers(std::int32_t layer, const Transfer& transfer) {
  const int pass = pass_at(layer, transfer.operand, transfer.tile);
  for (int pe = 0; pe < accelerator_.pes(); ++pe) {
    Buffer& buffer = buffer_of(layer, transfer.operand, pe, pass);
    if (buffer.pass != pass) open(buffer, layer, transfer, pe);
  }
}

void FunctionalModel::bring_weights_ahead(std::int32_t layer, const Transfer& transfer) {
  WeightsAhead& added = weights_ahead_.emplace_back();
  added.layer = layer;
  added.bytes = transfer.local_bytes;
  added.pes.resize(static_cast<std::size_t>(accelerator_.pes()));
  for (int pe = 0; pe < accelerator_.pes(); ++pe) open(added.pes[index(pe)], layer, transfer, pe);
}

/// Empties a buffer for what a PE's part of the output reads in the pass of a transfer.
void FunctionalModel::open(Buffer& buffer, std::int32_t layer, const Transfer& transfer, int pe) {
  const Layer& work = layer_at(layer);
  const int operand = transfer.operand;
  Tile all_bands = tile_at(layer, transfer.tile);
  all_bands.first_line = 0;
  const bool columns = of_columns(layer), lines = columns && !is_weights(work, operand);
  const Region share = share_at(layer, pe);
  all_bands.lines = lines_of(share, columns).size();
  buffer.pass = pass_at(layer, operand, transfer.tile);
  buffer.part =
      TensorPart(needed_at(layer, all_bands, operand, tile_of(share, all_bands, columns)));
  buffer.line_loaded.assign(static_cast<std::size_t>(lines_of(buffer.part.region, lines).size()),
                            0);
}

/// Those that no later tile reads.
void FunctionalModel::give_up_weights(std::int32_t layer, std::int32_t tile) {
  if (weights_ahead_.empty() || weights_ahead_.front().layer != layer) return;
  const bool last = tile + 1 == program_at(layer).tiles;
  if (last || pass_at(layer, kWeightsOperand, tile + 1) != pass_at(layer, kWeightsOperand, tile)) {
    weights_ahead_.pop_front();
  }
}

void FunctionalModel::check_room_for_weights(std::int32_t layer) {
  std::int64_t bytes = 0;
  for (const WeightsAhead& weights : weights_ahead_) bytes += weights.bytes;
  counts_.weights_without_room += bytes > program_at(layer).weight_room;
}

/// Every row (or column) that some PE needs for this tile arrives at all PEs that need it for this
/// tile or a later one, so that it comes once a pass.
void FunctionalModel::load(std::int32_t layer, const Transfer& transfer) {
  const Layer& work = layer_at(layer);
  const int operand = transfer.operand;
  const Tile& tile = tile_at(layer, transfer.tile);
  const int pass = pass_at(layer, operand, transfer.tile);
  const Region whole = whole_operand(network_, work, operand);
  StoredTensor& source = source_of(layer, operand);
  const bool columns = of_columns(layer), lines = columns && !is_weights(work, operand);
  std::vector<char> arrives(static_cast<std::size_t>(lines_of(whole, lines).size()), 0);
  for (int pe = 0; pe < accelerator_.pes(); ++pe) {
    const Region wanted =
        needed_at(layer, tile, operand, tile_of(share_at(layer, pe), tile, columns));
    const Interval range = lines_of(wanted, lines);
    for (int line = range.begin; line < range.end; ++line) arrives[index(line)] = 1;
  }
  const bool from_dram = transfer.kind != TransferKind::kExchange && !source.on_chip;
  const bool between_pes = transfer.kind != TransferKind::kInput && source.on_chip;
  if (!from_dram && !between_pes) return;  // it is not where the program looks for it

  distinct_.start(whole);
  MovedBytes& bytes = counts_.moved[index(layer)];
  for (int pe = 0; pe < accelerator_.pes(); ++pe) {
    Tile rest = tile;
    const Region share = share_at(layer, pe);
    rest.lines = std::max(0, lines_of(share, columns).size() - tile.first_line);
    const Region wanted = needed_at(layer, rest, operand, tile_of(share, rest, columns));
    const Region own = own_part(layer, operand, pe);
    Buffer& buffer = buffer_of(layer, operand, pe, pass);
    if (buffer.pass != pass) continue;  // a later load has taken it
    std::int64_t& received = received_[index(layer)][index(pe)];
    const Interval range = lines_of(wanted, lines);
    for (int line = range.begin; line < range.end; ++line) {
      char& loaded = buffer.line_loaded[index(line - lines_of(buffer.part.region, lines).begin)];
      if (!arrives[index(line)] || loaded) continue;
      loaded = 1;
      Region moved = wanted;
      lines_of(moved, lines) = {line, line + 1};
      for (const TensorPart& part : source.parts) copy(part, buffer.part, moved);
      distinct_.add(moved, own);
      received += static_cast<std::int64_t>(moved.elements() - intersection(moved, own).elements());
    }
    bytes.busiest_pe = std::max(bytes.busiest_pe, received);
  }
  bytes.interconnect += distinct_.count();
  if (from_dram) bytes.io += distinct_.count();
}

void FunctionalModel::store(std::int32_t layer, const Transfer& transfer) {
  MovedBytes& moved = counts_.moved[index(layer)];
  StoredTensor& output = tensors_[index(layer) + 1];
  const Tile& tile = tile_at(layer, transfer.tile);
  for (int pe = 0; pe < accelerator_.pes(); ++pe) {
    Region made = tile_of(share_at(layer, pe), tile, of_columns(layer));
    if (made.empty()) continue;
    if (is_global_pool(layer_at(layer))) {
      made.rows = made.cols = {0, 1};
    }
    const TensorPart& result =
        buffers_of(layer).pes[index(pe)].results[output_of(layer, transfer.tile) % 2];
    copy(result, output.parts[0], made);
    const auto bytes = static_cast<std::int64_t>(intersection(result.region, made).elements());
    moved.io += bytes;
    moved.interconnect += bytes;
  }
}

// ---- computing ----

/// What a PE's own memory has of an operand: its part of a tensor on chip, and the buffer.
TensorPart FunctionalModel::read_operand(std::int32_t layer, std::int32_t tile, int operand, int pe,
                                         const Region& out) {
  const Region wanted = needed_at(layer, tile_at(layer, tile), operand, out);
  TensorPart read(wanted);
  const int pass = pass_at(layer, operand, tile);
  const Buffer& buffer = buffer_of(layer, operand, pe, pass);
  if (buffer.pass == pass) copy(buffer.part, read, wanted);
  if (operand == kWeightsOperand && weights_in_place(layer)) {
    copy(weights_[index(layer)].parts[index(pe)], read, wanted);
  }
  if (operand != kWeightsOperand && !own_part(layer, operand, pe).empty()) {
    copy(source_of(layer, operand).parts[index(pe)], read, wanted);
  }
  for (Element& value : read.data) {
    if (value != kPoison) continue;
    value = kGarbage;
    ++counts_.poison_reads;
  }
  return read;
}

void FunctionalModel::compute_on(std::int32_t layer, std::int32_t tile, int pe, const Region& out) {
  const Layer& work = layer_at(layer);
  std::vector<TensorPart> inputs;
  std::vector<int> zero_points;
  for (std::size_t i = 0; i < work.inputs.size(); ++i) {
    inputs.push_back(read_operand(layer, tile, static_cast<int>(i), pe, out));
    zero_points.push_back(quantized_.zero_point_of(work.inputs[i]));
  }
  TensorPart weights;
  if (work.has_weights()) weights = read_operand(layer, tile, kWeightsOperand, pe, out);
  const ReductionTask reduction = reduction_task(layer, tile_at(layer, tile), pe, out);
  const PeTask task{work,
                    quantized_.layers[index(layer)],
                    program_at(layer).mapping.lanes,
                    out,
                    inputs,
                    zero_points,
                    weights,
                    reduction,
                    tile_at(layer, tile).compute_cycles,
                    reduction.last ? accelerator_.drain_cycles : 0};
  if (!is_global_pool(work)) {
    TensorPart result(out);
    kernels_of(work.op).tile(task, result, counts_.macs);
    if (reduction.last) write(layer, tile, pe, std::move(result));
    return;
  }
  const Region share = share_at(layer, pe);
  std::vector<std::int32_t>& sums = buffers_of(layer).pes[index(pe)].sums;
  sums.resize(static_cast<std::size_t>(share.channels.size()));
  add_to_sums(task, std::span(sums).subspan(index(out.channels.begin - share.channels.begin),
                                            index(out.channels.size())));
}

/// Where the input channels are cut, the first part finds the sums as garbage.
ReductionTask FunctionalModel::reduction_task(std::int32_t layer, const Tile& tile, int pe,
                                              const Region& out) {
  const Interval inputs{tile.first_input, tile.first_input + tile.inputs};
  const bool cut = program_at(layer).mapping.tiling.reduction_tiles > 1;
  if (!cut) return {inputs, true, true, {}};
  std::vector<std::int32_t>& sums = buffers_of(layer).pes[index(pe)].sums;
  const bool first = inputs.begin == 0;
  if (first || sums.size() != out.elements()) sums.assign(out.elements(), kGarbage);
  return {inputs, first, inputs.end == summed_inputs(layer_at(layer)), sums};
}

/// Adds the sums of the PEs that share a channel and requantises the total; the first of them has
/// the result.
void FunctionalModel::reduce(std::int32_t layer, std::int32_t tile) {
  const QuantizedLayer& q = quantized_.layers[index(layer)];
  const PeSplit& split = program_at(layer).mapping.pes;
  for (int first = 0; first < split.channels; ++first) {
    const Region share = share_at(layer, first);
    const Interval channels = tile_of(share, tile_at(layer, tile), of_columns(layer)).channels;
    if (channels.empty()) continue;
    TensorPart result({{0, 1}, {0, 1}, channels});
    for (int c = channels.begin; c < channels.end; ++c) {
      std::int32_t total = 0;
      for (int pe = first; pe < split.rows * split.cols * split.channels; pe += split.channels) {
        const std::vector<std::int32_t>& sums = buffers_of(layer).pes[index(pe)].sums;
        if (!sums.empty()) total += sums[index(c - share.channels.begin)];
      }
      *result.at(0, 0, c) = requantize(q, std::int64_t{q.multipliers[0]} * total);
    }
    write(layer, tile, first, std::move(result));
  }
}

/// Into the PE's part of a tensor that stays on chip (pooled channels: into that of the PE which
/// keeps them), or into the buffer from which it goes to DRAM.
void FunctionalModel::write(std::int32_t layer, std::int32_t tile, int pe, TensorPart result) {
  const TensorShape& shape = layer_at(layer).output;
  const Region& made = result.region;
  for (int row = made.rows.begin; row < made.rows.end; ++row) {
    for (int col = made.cols.begin; col < made.cols.end; ++col) {
      const Element* value = result.at(row, col, made.channels.begin);
      std::uint8_t* count = writes_.data() +
                            (std::ptrdiff_t{row} * shape.width + col) * shape.channels +
                            made.channels.begin;
      for (int c = 0; c < made.channels.size(); ++c) {
        if (value[c] != kPoison && count[c] < 2) ++count[c];
      }
    }
  }
  StoredTensor& output = tensors_[index(layer) + 1];
  if (!output.on_chip) {
    buffers_of(layer).pes[index(pe)].results[output_of(layer, tile) % 2] = std::move(result);
  } else if (is_global_pool(layer_at(layer))) {
    for (TensorPart& part : output.parts) copy(result, part, made);
  } else {
    copy(result, output.parts[index(pe)], made);
  }
}

// ---- look-ups ----

const Layer& FunctionalModel::layer_at(std::int32_t layer) const {
  return network_.layers()[index(layer)];
}
const LayerProgram& FunctionalModel::program_at(std::int32_t layer) const {
  return program_.layers[index(layer)];
}
const Tile& FunctionalModel::tile_at(std::int32_t layer, std::int32_t tile) const {
  return program_.tiles[index(program_at(layer).first_tile + tile)];
}
int FunctionalModel::pass_at(std::int32_t layer, int operand, std::int32_t tile) const {
  return pass_of(network_, layer_at(layer), program_at(layer).mapping.tiling, operand, tile);
}
Region FunctionalModel::share_at(std::int32_t layer, int pe) const {
  return share_of(layer_at(layer), program_at(layer).mapping.pes, pe);
}

bool FunctionalModel::weights_in_place(std::int32_t layer) const {
  return program_at(layer).weights_cached &&
         program_at(layer).mapping.pes.channels == accelerator_.pes();
}

FunctionalModel::LayerBuffers& FunctionalModel::buffers_of(std::int32_t layer) {
  LayerBuffers& buffers = buffers_[index(layer) % 2];
  if (buffers.layer != layer) {
    buffers.layer = layer;
    buffers.pes.assign(static_cast<std::size_t>(accelerator_.pes()), {});
  }
  return buffers;
}

FunctionalModel::Buffer& FunctionalModel::buffer_of(std::int32_t layer, int operand, int pe,
                                                    int pass) {
  if (operand == kWeightsOperand && runs_ahead(layer)) {
    for (WeightsAhead& weights : weights_ahead_) {
      if (weights.layer == layer && weights.pes[index(pe)].pass == pass) {
        return weights.pes[index(pe)];
      }
    }
    return none_;
  }
  return buffers_of(layer).pes[index(pe)].operands[operand_slot(operand)][index(pass) % 2];
}

StoredTensor& FunctionalModel::source_of(std::int32_t layer, int operand) {
  if (operand == kWeightsOperand) return weights_[index(layer)];
  return tensors_[index(layer_at(layer).inputs[index(operand)] + 1)];
}

Region FunctionalModel::own_part(std::int32_t layer, int operand, int pe) {
  if (operand == kWeightsOperand) return {};
  const StoredTensor& source = source_of(layer, operand);
  return source.on_chip && index(pe) < source.parts.size() ? source.parts[index(pe)].region
                                                           : Region{};
}

}  // namespace dovetail
