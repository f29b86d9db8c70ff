#include "sim/functional/operand_regions.h"

#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

Interval whole(int size) {
  return {0, size};
}

int window_of(const Layer& layer) {
  return layer.kernel_h * layer.kernel_w;
}

/// The input channels behind output channels, each of which reads one.
Interval channels_behind(const Layer& layer, const Interval& out) {
  const int multiplier = layer.output.channels / layer.input.channels;
  return {out.begin / multiplier, (out.end - 1) / multiplier + 1};
}

/// The channels that an input of a concatenation gives to output channels.
Interval joined_channels(const Network& network, const Layer& layer, int operand,
                         const Interval& out) {
  int first = 0;
  for (int i = 0; i < operand; ++i) {
    first += network.shape_of(layer.inputs[static_cast<std::size_t>(i)]).channels;
  }
  const int channels = network.shape_of(layer.inputs[static_cast<std::size_t>(operand)]).channels;
  return intersection({out.begin - first, out.end - first}, whole(channels));
}

/// What a reordering takes for these outputs: all channels that it takes at all, unless they stay.
Region reordered_region(const Layer& layer, const Region& out) {
  const auto taken = [](const AxisPick& pick, const Interval& outputs) {
    return Interval{pick.input_of(outputs.begin), pick.input_of(outputs.end - 1) + 1};
  };
  const ChannelRange channels = channels_read(layer);
  return {taken(layer.reorder.rows, out.rows), taken(layer.reorder.cols, out.cols),
          is_channelwise(layer) ? out.channels
                                : Interval{channels.first, channels.first + channels.count}};
}

}  // namespace

bool is_channelwise(const Layer& layer) {
  return is_channelwise(rules_of(layer.op).work(layer));
}

bool is_global_pool(const Layer& layer) {
  return rules_of(layer.op).work(layer) == WorkKind::kGlobalPool;
}

bool is_gate(const Network& network, const Layer& layer, int operand) {
  return rules_of(layer.op).further_inputs == FurtherInputs::kAlikeOrGate && operand == 1 &&
         network.shape_of(layer.inputs[1]) != layer.input;
}

bool is_weights(const Layer& layer, int operand) {
  if (operand == kWeightsOperand) return true;
  return rules_of(layer.op).further_inputs == FurtherInputs::kAsWeights && operand == 1;
}

Region whole_operand(const Network& network, const Layer& layer, int operand) {
  if (operand != kWeightsOperand) {
    return Region::of(network.shape_of(layer.inputs[static_cast<std::size_t>(operand)]));
  }
  const auto record =
      static_cast<int>(layer.weight_count() / layer.output.channels + layer.constant_bytes());
  return {whole(layer.output.channels), whole(1), whole(record)};
}

int summed_inputs(const Layer& layer) {
  return static_cast<int>(layer.weight_count() / layer.output.channels / window_of(layer));
}

Region needed(const Network& network, const Layer& layer, int operand, const Region& out,
              const Tile& tile) {
  if (out.empty()) return {};
  Region region = whole_operand(network, layer, operand);
  if (operand == kWeightsOperand) {
    region.rows = out.channels;
    region.channels.begin = tile.first_input * window_of(layer);
    // The last part brings the constants too.
    const int end = tile.first_input + tile.inputs;
    if (end < summed_inputs(layer)) region.channels.end = end * window_of(layer);
    return region;
  }
  if (is_weights(layer, operand)) {
    region.channels = out.channels;
    return region;
  }
  const OperatorRules& rules = rules_of(layer.op);
  if (rules.flattens || is_gate(network, layer, operand)) return region;

  if (layer.op == OpType::kReorder) return reordered_region(layer, out);
  const WindowAxis rows{layer.input.height, layer.stride_h,
                        (layer.kernel_h - 1) * layer.dilation_h + 1, layer.pad_top};
  const WindowAxis cols{layer.input.width, layer.stride_w,
                        (layer.kernel_w - 1) * layer.dilation_w + 1, layer.pad_left};
  region.rows = rows.inputs_of(out.rows);
  region.cols = cols.inputs_of(out.cols);
  if (rules.further_inputs == FurtherInputs::kJoined) {
    region.channels = joined_channels(network, layer, operand, out.channels);
  } else if (is_channelwise(layer)) {
    region.channels = channels_behind(layer, out.channels);
  }
  return region;
}

Region share_of(const Layer& layer, const PeSplit& split, int pe) {
  return kept_part(is_global_pool(layer) ? layer.input : layer.output, split, pe);
}

Region kept_part(const TensorShape& shape, const PeSplit& layout, int pe) {
  if (pe >= layout.rows * layout.cols * layout.channels) return {};
  const PePlace place = place_of(layout, pe);
  return {part_of(shape.height, place.row, layout.rows),
          part_of(shape.width, place.col, layout.cols),
          part_of(shape.channels, place.channel, layout.channels)};
}

Region tile_of(const Region& share, const Tile& tile, bool of_columns) {
  const auto cut = [](const Interval& all, int first, int size) {
    return intersection(all, {all.begin + first, all.begin + first + size});
  };
  Region part = share;
  lines_of(part, of_columns) = cut(lines_of(part, of_columns), tile.first_line, tile.lines);
  part.channels = cut(share.channels, tile.first_channel, tile.channels);
  return part;
}

PeSplit output_layout(const Layer& layer, const LayerMapping& mapping, int pes) {
  if (is_global_pool(layer)) return {1, 1, pes};
  return mapping.pes;
}

int pass_of(const Network& network, const Layer& layer, const Tiling& tiling, int operand,
            int tile) {
  const int output = tile / tiling.reduction_tiles;
  const int channel_tile =
      tiling.bands_outer ? output % tiling.channel_tiles : output / tiling.bands;
  if (is_weights(layer, operand)) {
    const bool several = tiling.channel_tiles * tiling.reduction_tiles > 1;
    return tiling.bands_outer && several ? tile : channel_tile;
  }
  if (is_gate(network, layer, operand)) return 0;
  if (is_channelwise(layer)) return channel_tile;
  return tiling.bands_outer || tiling.bands == 1 ? 0 : channel_tile;
}

}  // namespace dovetail
