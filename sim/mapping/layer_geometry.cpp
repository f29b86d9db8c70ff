#include "sim/mapping/layer_geometry.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"

namespace dovetail {
namespace {

void join_inputs(const Network& network, const Layer& layer, LayerGeometry& g) {
  if (layer.inputs.size() > kMaxInputs) {
    throw InputError(fmt::format("layer {}: the accelerator model joins at most {} tensors, not {}",
                                 layer.name, kMaxInputs, layer.inputs.size()));
  }
  g.inputs = static_cast<int>(layer.inputs.size());
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    g.input_channels[i] = network.shape_of(layer.inputs[i]).channels;
  }
  g.in_c = g.out_c;
}

void add_second_input(const Layer& layer, const TensorShape& second, LayerGeometry& g) {
  if (second == layer.input) {
    g.inputs = g.reads_per_output = 2;
    g.input_channels[1] = second.channels;
  } else {
    g.gate_bytes = g.bytes_of_activations(second.elements());
  }
}

void add_further_inputs(const Network& network, const Layer& layer, LayerGeometry& g) {
  switch (rules_of(layer.op).further_inputs) {
    case FurtherInputs::kNone:
      break;
    case FurtherInputs::kAlike:
    case FurtherInputs::kAlikeOrGate:
      add_second_input(layer, network.shape_of(layer.inputs[1]), g);
      break;
    case FurtherInputs::kJoined:
      join_inputs(network, layer, g);
      break;
    case FurtherInputs::kAsWeights:
      g.weight_bytes = g.bytes_of_activations(network.shape_of(layer.inputs[1]).elements());
      g.weights_are_activations = true;
      break;
  }
}

/// A layer that reads single numbers of its input, not windows.
void set_reorder(const Layer& layer, LayerGeometry& g) {
  const Reorder& reorder = layer.reorder;
  g.stride_h = reorder.rows.step;
  g.stride_w = reorder.cols.step;
  g.halo_h = g.halo_w = 0;
  g.pad_top = -reorder.rows.first;
  g.pad_left = -reorder.cols.first;
  g.repeat_h = reorder.rows.repeat;
  g.repeat_w = reorder.cols.repeat;
  if (g.kind == WorkKind::kGather) g.in_c = channels_read(layer).count;
}

}  // namespace

LayerGeometry LayerGeometry::of(const Network& network, const Layer& layer) {
  LayerGeometry g;
  const OperatorRules& rules = rules_of(layer.op);
  g.kind = rules.work(layer);
  g.bits = layer.bits;
  g.out_h = layer.output.height;
  g.out_w = layer.output.width;
  g.out_c = layer.output.channels;
  g.in_h = layer.input.height;
  g.in_w = layer.input.width;
  g.in_c = layer.input.channels;
  g.kernel_h = layer.kernel_h;
  g.kernel_w = layer.kernel_w;
  g.stride_h = layer.stride_h;
  g.stride_w = layer.stride_w;
  g.reach_h = (layer.kernel_h - 1) * layer.dilation_h + 1;
  g.reach_w = (layer.kernel_w - 1) * layer.dilation_w + 1;
  g.halo_h = std::max(0, g.reach_h - layer.stride_h);
  g.halo_w = std::max(0, g.reach_w - layer.stride_w);
  g.pad_top = layer.pad_top;
  g.pad_left = layer.pad_left;
  g.groups = g.kind == WorkKind::kDense ? layer.groups : 1;
  if (rules.flattens) {
    g.in_c = static_cast<int>(layer.input.elements());
    g.in_h = g.in_w = 1;
    g.flattens = layer.input.height > 1 || layer.input.width > 1;
  }
  if (layer.op == OpType::kReorder) set_reorder(layer, g);
  g.table_activation = is_table_activation(layer.activation);
  g.weight_bytes = layer.weight_bytes();
  g.macs = layer.macs();
  g.input_channels[0] = g.in_c;
  add_further_inputs(network, layer, g);
  return g;
}

}  // namespace dovetail
