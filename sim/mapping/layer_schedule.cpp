#include "sim/mapping/layer_schedule.h"

#include <algorithm>
#include <tuple>

#include "sim/program/partition.h"

namespace dovetail {
namespace {

MissingInputs missing_of(int outputs, const WindowAxis& window, int parts) {
  MissingInputs missing;
  const bool alike = outputs == window.input && window.reach == 1 && window.repeat == 1;
  if (parts == 1 || alike) return missing;
  for (int i = 0; i < parts; ++i) {
    const Interval needed = window.inputs_of(part_of(outputs, i, parts));
    const Interval kept = intersection(needed, part_of(window.input, i, parts));
    const std::int64_t part = needed.size() - kept.size();
    missing.all_pes += part;
    missing.busiest_pe = std::max(missing.busiest_pe, part);
  }
  return missing;
}

}  // namespace

bool in_place(const LayerGeometry& layer, const TensorPlacement& tensor,
              std::int64_t tensor_channels, const PeSplit& split) {
  if (!tensor.on_chip || tensor.layout != split || layer.flattens) return false;
  return split.channels == 1 || (layer.channelwise() && tensor_channels == layer.out_c);
}

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
    if (pooled) return PeAxis{share, window.input, window.input, 1, 0, {}, 1};
    return PeAxis{share,         window.input, window.inputs_of({0, outputs}).size(),
                  window.stride, halo,         missing_of(outputs, window, parts),
                  window.repeat};
  };
  PeOption option{split, pe_share(layer, split), {}, {}, false};
  const PeAxis rows =
      axis(option.share.rows, layer.out_h,
           {layer.in_h, layer.stride_h, layer.reach_h, layer.pad_top, layer.repeat_h}, layer.halo_h,
           split.rows);
  const PeAxis cols =
      axis(option.share.cols, layer.out_w,
           {layer.in_w, layer.stride_w, layer.reach_w, layer.pad_left, layer.repeat_w},
           layer.halo_w, split.cols);
  const auto rank = [](const PeAxis& a) {
    return std::tuple(-a.share, a.halo, a.input, a.stride, a.read, a.missing.all_pes,
                      a.missing.busiest_pe, a.repeat);
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
    traffic.add(source_of(at),
                layer.bytes_of_activations(pes.bands.read * pes.across.read * channels),
                layer.bytes_of_activations(busiest_pe));
  }
  if (!context.output_on_chip) traffic.io_bytes += layer.out_bytes();
  return traffic.cycles(IoPortTiming(accelerator), InterconnectTiming(accelerator));
}

bool input_moves(const LayerGeometry& layer, const LayerContext& context, const PeOption& pes,
                 int input) {
  const auto i = static_cast<std::size_t>(input);
  return !in_place(layer, context.inputs[i], layer.input_channels[i], pes.split) ||
         pes.bands.missing.all_pes > 0 || pes.across.missing.all_pes > 0;
}

std::int64_t resident_bytes(const TensorShape& shape, int bits, const PeSplit& layout) {
  return bytes_of(ceil_div(shape.height, layout.rows) * ceil_div(shape.width, layout.cols) *
                      ceil_div(shape.channels, layout.channels),
                  bits);
}

}  // namespace dovetail
