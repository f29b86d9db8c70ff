#include "sim/mapping/layer_geometry.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"

namespace dovetail {
namespace {

WorkKind kind_of(const Layer& layer) {
  switch (layer.op) {
    case OpType::kConv2d:
      return layer.is_depthwise() ? WorkKind::kDepthwise : WorkKind::kDense;
    case OpType::kFullyConnected:
    case OpType::kMatMul:
      return WorkKind::kDense;
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      return WorkKind::kDepthwise;
    case OpType::kGlobalAveragePool:
      return WorkKind::kGlobalPool;
    case OpType::kAdd:
    case OpType::kMultiply:
    case OpType::kActivation:
    case OpType::kConcat:
      return WorkKind::kElementwise;
  }
  throw InputError("layer " + layer.name + ": the accelerator model has no cost for operator '" +
                   to_string(layer.op) + "'");
}

void add_further_inputs(const Network& network, const Layer& layer, LayerGeometry& g) {
  if (layer.op == OpType::kConcat) {
    if (layer.inputs.size() > kMaxInputs) {
      throw InputError(
          fmt::format("layer {}: the accelerator model joins at most {} tensors, not {}",
                      layer.name, kMaxInputs, layer.inputs.size()));
    }
    g.inputs = static_cast<int>(layer.inputs.size());
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      g.input_channels[i] = network.shape_of(layer.inputs[i]).channels;
    }
    g.in_c = g.out_c;
  } else if (layer.op == OpType::kMatMul) {
    g.weight_bytes = network.shape_of(layer.inputs[1]).elements();
    g.weights_are_activations = true;
  } else if (layer.inputs.size() > 1) {
    const TensorShape& second = network.shape_of(layer.inputs[1]);
    if (second == layer.input) {
      g.inputs = g.reads_per_output = 2;
      g.input_channels[1] = second.channels;
    } else {
      g.gate_bytes = second.elements();
    }
  }
}

}  // namespace

LayerGeometry LayerGeometry::of(const Network& network, const Layer& layer) {
  LayerGeometry g;
  g.kind = kind_of(layer);
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
  if (layer.op == OpType::kFullyConnected) {  // reads its input as one vector
    g.in_c = static_cast<int>(layer.input.elements());
    g.in_h = g.in_w = 1;
    g.flattens = layer.input.height > 1 || layer.input.width > 1;
  }
  g.table_activation = is_table_activation(layer.activation);
  g.weight_bytes = layer.weight_bytes();
  g.macs = layer.macs();
  g.input_channels[0] = g.in_c;
  add_further_inputs(network, layer, g);
  return g;
}

}  // namespace dovetail
