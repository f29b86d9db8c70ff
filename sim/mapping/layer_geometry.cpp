#include "sim/mapping/layer_geometry.h"

#include <algorithm>

#include "base/error.h"

namespace dovetail {
namespace {

WorkKind kind_of(const Layer& layer) {
  switch (layer.op) {
    case OpType::kConv2d:
      return layer.is_depthwise() ? WorkKind::kDepthwise : WorkKind::kDense;
    case OpType::kFullyConnected:
      return WorkKind::kDense;
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      return WorkKind::kDepthwise;
    case OpType::kGlobalAveragePool:
      return WorkKind::kGlobalPool;
    case OpType::kAdd:
    case OpType::kMultiply:
    case OpType::kActivation:
      return WorkKind::kElementwise;
  }
  throw InputError("layer " + layer.name + ": the accelerator model has no cost for operator '" +
                   to_string(layer.op) + "'");
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
  g.halo_h = std::max(0, (layer.kernel_h - 1) * layer.dilation_h + 1 - layer.stride_h);
  g.halo_w = std::max(0, (layer.kernel_w - 1) * layer.dilation_w + 1 - layer.stride_w);
  g.groups = g.kind == WorkKind::kDense ? layer.groups : 1;
  if (layer.op == OpType::kFullyConnected) {  // reads its input as one vector
    g.in_c = static_cast<int>(layer.input.elements());
    g.in_h = g.in_w = 1;
  }
  g.table_activation = is_table_activation(layer.activation);
  g.weight_bytes = layer.weight_bytes();
  g.macs = layer.macs();
  if (layer.op == OpType::kAdd || layer.op == OpType::kMultiply) {
    const TensorShape& second = network.shape_of(layer.inputs[1]);
    if (second == layer.input) {
      g.operands = 2;
    } else {
      g.gate_bytes = second.elements();
    }
  }
  return g;
}

}  // namespace dovetail
