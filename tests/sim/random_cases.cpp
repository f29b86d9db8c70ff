#include "tests/sim/random_cases.h"

#include "base/files/paths.h"
#include "hw_space/design_space.h"
#include "models/network/blocks/network_builder.h"

namespace dovetail::test {

AcceleratorConfig random_accelerator(Rng& rng) {
  static const DesignSpace space =
      DesignSpace::load(resolve_config("spaces", "nahas_edge_streamed"));
  return space.decode(space.decisions().sample(rng));
}

Network random_layer_network(Rng& rng) {
  const auto pick = [&](std::vector<int> from) { return from[rng.index(from.size())]; };
  const int size = pick({1, 4, 7, 14, 19, 28, 56, 112});
  const int channels = pick({3, 8, 16, 24, 40, 96, 160, 320, 960});
  const int kernel = pick({1, 3, 5, 7}), stride = pick({1, 2});
  const Activation activation = rng.index(2) == 0 ? Activation::kRelu : Activation::kSwish;
  NetworkBuilder builder("random", {size, size, channels});
  switch (rng.index(6)) {
    case 0:
      builder.conv("conv", kNetworkInput, pick({8, 24, 112, 1280}), kernel, stride, activation);
      break;
    case 1:
      builder.depthwise("depthwise", kNetworkInput, kernel, stride, activation);
      break;
    case 2:
      builder.fully_connected("fc", builder.global_average_pool("pool", kNetworkInput),
                              pick({10, 1000}), Activation::kNone);
      break;
    case 3:
      builder.pool("pool", OpType::kMaxPool, kNetworkInput, 3, 2);
      break;
    case 4: {
      const int a = builder.depthwise("a", kNetworkInput, kernel, 1, activation);
      builder.add("add", a, kNetworkInput);
      break;
    }
    default: {
      const int a = builder.conv("a", kNetworkInput, 64, 1, 1, activation);
      SqueezeExcite se;
      se.squeeze_channels = 16;
      builder.squeeze_excite(a, se);
      break;
    }
  }
  return builder.finish();
}

namespace {

/// One axis of a window: padding less than what it reaches, and at least one output.
void draw_axis(Rng& rng, int size, int& kernel, int& stride, int& dilation, int& before, int& after,
               int& output) {
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(rng.index(static_cast<std::size_t>(high - low + 1)));
  };
  kernel = between(1, 7);
  stride = between(1, 3);
  dilation = between(0, 3) == 0 ? 2 : 1;
  const int reach = (kernel - 1) * dilation + 1;
  before = between(0, reach - 1);
  after = between(0, reach - 1);
  while (size + before + after < reach) ++(before < after ? before : after);
  output = (size + before + after - reach) / stride + 1;
}

void draw_window(Rng& rng, Layer& layer) {
  draw_axis(rng, layer.input.height, layer.kernel_h, layer.stride_h, layer.dilation_h,
            layer.pad_top, layer.pad_bottom, layer.output.height);
  draw_axis(rng, layer.input.width, layer.kernel_w, layer.stride_w, layer.dilation_w,
            layer.pad_left, layer.pad_right, layer.output.width);
}

void draw_pick(Rng& rng, int inputs, AxisPick& from, int& outputs) {
  if (rng.index(2) == 0) return;
  from.first = static_cast<int>(rng.index(static_cast<std::size_t>(inputs)));
  from.step = 1 + static_cast<int>(rng.index(2));
  from.repeat = 1 + static_cast<int>(rng.index(3));
  outputs = ((inputs - from.first - 1) / from.step + 1) * from.repeat;
}

void draw_reorder(Rng& rng, Layer& layer) {
  draw_pick(rng, layer.input.height, layer.reorder.rows, layer.output.height);
  draw_pick(rng, layer.input.width, layer.reorder.cols, layer.output.width);
  draw_pick(rng, layer.input.channels, layer.reorder.channels, layer.output.channels);
  if (layer.output.channels % 2 == 0) layer.groups = 1 + static_cast<int>(rng.index(2));
}

}  // namespace

Network random_single_layer(Rng& rng) {
  const auto pick = [&](std::vector<int> from) { return from[rng.index(from.size())]; };
  const auto side = [&] { return pick({1, 3, 7, 10, 14, 19, 28, 56, 100, 112}); };
  Layer layer;
  layer.name = "layer";
  layer.inputs = {kNetworkInput};
  layer.input = {side(), side(), pick({3, 8, 16, 24, 40, 96, 160, 320, 960})};
  layer.activation = static_cast<Activation>(rng.index(7));
  const OpType ops[] = {OpType::kConv2d,      OpType::kConv2d,   OpType::kConv2d,
                        OpType::kConv2d,      OpType::kMatMul,   OpType::kFullyConnected,
                        OpType::kAveragePool, OpType::kMaxPool,  OpType::kGlobalAveragePool,
                        OpType::kAdd,         OpType::kMultiply, OpType::kActivation,
                        OpType::kConcat};
  const std::size_t choice = rng.index(std::size(ops));
  layer.op = ops[choice];
  layer.output = layer.input;
  switch (layer.op) {
    case OpType::kConv2d:
      if (choice < 3) draw_window(rng, layer);  // else pointwise
      if (choice == 1) layer.groups = layer.input.channels;
      if (choice == 2 && layer.input.channels % 8 == 0) layer.groups = 8;
      if (choice != 1) layer.output.channels = pick({8, 24, 64, 112, 320, 1280});
      break;
    case OpType::kMatMul:
      layer.input = {4, 4, 16};
      layer.output = layer.input;
      layer.inputs.push_back(kNetworkInput);
      break;
    case OpType::kFullyConnected:
      layer.output = {1, 1, pick({10, 100, 1000})};
      break;
    case OpType::kAveragePool:
    case OpType::kMaxPool:
      draw_window(rng, layer);
      layer.dilation_h = layer.dilation_w = 1;
      layer.output.height =
          (layer.input.height + layer.pad_top + layer.pad_bottom - layer.kernel_h) /
              layer.stride_h +
          1;
      layer.output.width =
          (layer.input.width + layer.pad_left + layer.pad_right - layer.kernel_w) / layer.stride_w +
          1;
      break;
    case OpType::kGlobalAveragePool:
      layer.output = {1, 1, layer.input.channels};
      break;
    case OpType::kAdd:
    case OpType::kMultiply:
      layer.inputs.push_back(kNetworkInput);
      break;
    case OpType::kConcat:
      layer.inputs.push_back(kNetworkInput);
      layer.output.channels *= 2;
      break;
    case OpType::kActivation:
      layer.activation = static_cast<Activation>(1 + rng.index(6));
      if (rng.index(2) == 0) break;
      layer.op = OpType::kReorder;
      [[fallthrough]];
    case OpType::kReorder:
      draw_reorder(rng, layer);
      break;
  }
  return Network("random", layer.input, {layer});
}

Network transposed(const Network& network) {
  std::vector<Layer> layers;
  for (Layer layer : network.layers()) {
    std::swap(layer.input.height, layer.input.width);
    std::swap(layer.output.height, layer.output.width);
    std::swap(layer.kernel_h, layer.kernel_w);
    std::swap(layer.stride_h, layer.stride_w);
    std::swap(layer.dilation_h, layer.dilation_w);
    std::swap(layer.pad_top, layer.pad_left);
    std::swap(layer.pad_bottom, layer.pad_right);
    std::swap(layer.reorder.rows, layer.reorder.cols);
    layers.push_back(layer);
  }
  TensorShape input = network.input();
  std::swap(input.height, input.width);
  return Network(network.name(), input, layers);
}

Network conv_network(TensorShape input, int channels, int kernel, int stride, int groups) {
  NetworkBuilder builder("conv", input);
  builder.conv("conv", kNetworkInput, channels, kernel, stride, Activation::kNone, groups);
  return builder.finish();
}

}  // namespace dovetail::test
