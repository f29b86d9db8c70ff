#include "sim/functional/operand_regions.h"

namespace dovetail {
namespace {

constexpr int kConstantBytes = 8;  // int32 bias, int32 multiplier of an output channel

Interval whole(int size) {
  return {0, size};
}

/// The input channels behind output channels of a convolution.
Interval convolution_channels(const Layer& layer, const Interval& out) {
  if (!layer.is_depthwise()) return whole(layer.input.channels);
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

}  // namespace

bool is_channelwise(const Layer& layer) {
  if (layer.op == OpType::kConv2d) return layer.is_depthwise();
  return layer.op != OpType::kFullyConnected && layer.op != OpType::kMatMul;
}

bool is_gate(const Network& network, const Layer& layer, int operand) {
  return layer.op == OpType::kMultiply && operand == 1 &&
         network.shape_of(layer.inputs[1]) != layer.input;
}

bool is_weights(const Layer& layer, int operand) {
  return operand == kWeightsOperand || (layer.op == OpType::kMatMul && operand == 1);
}

Region whole_operand(const Network& network, const Layer& layer, int operand) {
  if (operand != kWeightsOperand) {
    return Region::of(network.shape_of(layer.inputs[static_cast<std::size_t>(operand)]));
  }
  const auto record =
      static_cast<int>(layer.weight_count() / layer.output.channels + kConstantBytes);
  return {whole(layer.output.channels), whole(1), whole(record)};
}

Region needed(const Network& network, const Layer& layer, int operand, const Region& out) {
  if (out.empty()) return {};
  Region region = whole_operand(network, layer, operand);
  if (operand == kWeightsOperand) {
    region.rows = out.channels;
    return region;
  }
  if (is_weights(layer, operand)) {
    region.channels = out.channels;
    return region;
  }
  if (layer.op == OpType::kFullyConnected || is_gate(network, layer, operand)) return region;

  const WindowAxis rows{layer.input.height, layer.stride_h,
                        (layer.kernel_h - 1) * layer.dilation_h + 1, layer.pad_top};
  const WindowAxis cols{layer.input.width, layer.stride_w,
                        (layer.kernel_w - 1) * layer.dilation_w + 1, layer.pad_left};
  region.rows = rows.inputs_of(out.rows);
  region.cols = cols.inputs_of(out.cols);
  if (layer.op == OpType::kConv2d) {
    region.channels = convolution_channels(layer, out.channels);
  } else if (layer.op == OpType::kConcat) {
    region.channels = joined_channels(network, layer, operand, out.channels);
  } else if (layer.op != OpType::kMatMul) {
    region.channels = out.channels;
  }
  return region;
}

Region share_of(const Layer& layer, const PeSplit& split, int pe) {
  TensorShape divided = layer.output;
  if (layer.op == OpType::kGlobalAveragePool) divided = layer.input;
  return kept_part(divided, split, pe);
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
  if (layer.op == OpType::kGlobalAveragePool) return {1, 1, pes};
  return mapping.pes;
}

int pass_of(const Network& network, const Layer& layer, const Tiling& tiling, int operand,
            int tile) {
  const int channel_tile = tiling.bands_outer ? tile % tiling.channel_tiles : tile / tiling.bands;
  if (is_weights(layer, operand)) {
    return tiling.bands_outer && tiling.channel_tiles > 1 ? tile : channel_tile;
  }
  if (is_gate(network, layer, operand)) return 0;
  if (is_channelwise(layer)) return channel_tile;
  return tiling.bands_outer || tiling.bands == 1 ? 0 : channel_tile;
}

}  // namespace dovetail
