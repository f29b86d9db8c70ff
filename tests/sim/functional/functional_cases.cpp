#include "tests/sim/functional/functional_cases.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/functional/random_quantization.h"
#include "sim/functional/reference.h"
#include "sim/mapping/planner.h"
#include "sim/tlm/accelerator.h"
#include "tests/sim/random_cases.h"

namespace dovetail::test {
namespace {

constexpr const char* kNames[kOperatorCases] = {
    "dense",        "pointwise",  "depthwise",   "grouped", "fully connected", "matmul",
    "average pool", "max pool",   "global pool", "add",     "multiply",        "gate",
    "concat",       "activation", "add to all",  "reorder"};

class CaseBuilder {
 public:
  explicit CaseBuilder(Rng& rng)
      : rng_(rng), input_{between(1, 20), between(1, 20), between(1, 40)} {}

  Network build(int operator_case) {
    int from = kNetworkInput;
    for (int before = between(0, 2); before > 0; --before) from = add_any(from);
    add_operator(operator_case, from);
    if (between(0, 1) == 1) add_any(static_cast<int>(layers_.size()) - 1);
    return Network("random", input_, layers_);
  }

 private:
  int between(int low, int high) {
    return low + static_cast<int>(rng_.index(static_cast<std::size_t>(high - low + 1)));
  }
  const TensorShape& shape(int from) const {
    return from == kNetworkInput ? input_ : layers_[static_cast<std::size_t>(from)].output;
  }
  Activation random_activation() {
    return between(0, 1) == 0 ? Activation::kNone : static_cast<Activation>(between(1, 8));
  }

  Layer start(OpType op, int from) {
    Layer layer;
    layer.name = fmt::format("layer{}", layers_.size());
    layer.op = op;
    layer.inputs = {from};
    layer.input = layer.output = shape(from);
    layer.activation = random_activation();
    return layer;
  }
  int push(Layer layer) {
    layers_.push_back(std::move(layer));
    return static_cast<int>(layers_.size()) - 1;
  }

  /// One axis of a window: padding below what it reaches, and at least one output.
  void draw_axis(int size, bool dilate, int& kernel, int& stride, int& dilation, int& before,
                 int& after, int& output) {
    kernel = between(1, 5);
    stride = between(1, 3);
    dilation = dilate ? between(1, 2) : 1;
    const int reach = (kernel - 1) * dilation + 1;
    before = between(0, reach - 1);
    after = between(0, reach - 1);
    while (size + before + after < reach) ++(before < after ? before : after);
    output = (size + before + after - reach) / stride + 1;
  }
  void draw_window(Layer& layer, bool dilate) {
    draw_axis(layer.input.height, dilate, layer.kernel_h, layer.stride_h, layer.dilation_h,
              layer.pad_top, layer.pad_bottom, layer.output.height);
    draw_axis(layer.input.width, dilate, layer.kernel_w, layer.stride_w, layer.dilation_w,
              layer.pad_left, layer.pad_right, layer.output.width);
  }

  int add_convolution(int from, bool window) {
    Layer layer = start(OpType::kConv2d, from);
    if (window) draw_window(layer, true);
    layer.output.channels = between(1, 70);
    return push(layer);
  }
  int add_depthwise(int from) {
    Layer layer = start(OpType::kConv2d, from);
    draw_window(layer, true);
    layer.groups = layer.input.channels;
    if (between(0, 3) == 0) layer.output.channels *= 2;
    return push(layer);
  }
  int add_grouped(int from) {
    const int groups = between(2, 4);
    Layer widen = start(OpType::kConv2d, from);
    widen.output.channels = groups * between(2, 8);
    Layer layer = start(OpType::kConv2d, push(widen));
    draw_window(layer, true);
    layer.groups = groups;
    layer.output.channels = groups * between(1, 12);
    return push(layer);
  }
  int add_fully_connected(int from) {
    Layer layer = start(OpType::kFullyConnected, from);
    layer.output = {1, 1, between(1, 100)};
    return push(layer);
  }
  int add_matmul(int from) {
    // As in attention: as many channels on the left as the right has positions.
    Layer left = start(OpType::kConv2d, from);
    left.output.channels = shape(from).height * shape(from).width;
    Layer right = start(OpType::kConv2d, from);
    right.output.channels = between(1, 40);
    right.name += "b";
    Layer layer = start(OpType::kMatMul, push(left));
    layer.inputs.push_back(push(right));
    layer.name = fmt::format("layer{}", layers_.size());
    layer.output.channels = shape(layer.inputs[1]).channels;
    return push(layer);
  }
  int add_pool(OpType op, int from) {
    Layer layer = start(op, from);
    draw_window(layer, false);
    return push(layer);
  }
  int add_global_pool(int from) {
    Layer layer = start(OpType::kGlobalAveragePool, from);
    layer.output = {1, 1, layer.input.channels};
    return push(layer);
  }
  /// A layer of the same output shape as `from`, so that two tensors can be combined.
  int add_twin(int from) {
    Layer layer = start(OpType::kConv2d, from);
    return push(layer);
  }
  int add_pair(OpType op, int from) {
    const int twin = between(0, 4) == 0 ? from : add_twin(from);
    Layer layer = start(op, from);
    layer.inputs.push_back(twin);
    return push(layer);
  }
  int add_gate(OpType op, int from) {
    const int pooled = add_global_pool(from);
    Layer layer = start(op, from);
    layer.inputs.push_back(pooled);
    return push(layer);
  }
  int add_concat(int from) {
    Layer other = start(OpType::kConv2d, from);
    other.output.channels = between(1, 40);
    std::vector<int> inputs = {from, push(other)};
    if (between(0, 1) == 1) inputs.push_back(from);
    Layer layer = start(OpType::kConcat, from);
    layer.inputs = inputs;
    layer.output.channels = 0;
    for (const int input : inputs) layer.output.channels += shape(input).channels;
    return push(layer);
  }
  void draw_pick(int inputs, AxisPick& pick, int& outputs) {
    if (between(0, 1) == 0) return;
    pick.first = between(0, inputs - 1);
    pick.step = between(1, 3);
    pick.repeat = between(1, 3);
    outputs =
        ((inputs - pick.first - 1) / pick.step + 1) * pick.repeat - between(0, pick.repeat - 1);
  }
  int add_reorder(int from) {
    Layer layer = start(OpType::kReorder, from);
    draw_pick(layer.input.height, layer.reorder.rows, layer.output.height);
    draw_pick(layer.input.width, layer.reorder.cols, layer.output.width);
    draw_pick(layer.input.channels, layer.reorder.channels, layer.output.channels);
    for (int groups = between(2, 4); groups > 1; --groups) {
      if (layer.output.channels % groups == 0) layer.groups = groups;
    }
    return push(layer);
  }
  int add_activation(int from) {
    Layer layer = start(OpType::kActivation, from);
    layer.activation = static_cast<Activation>(between(1, 8));
    return push(layer);
  }

  int add_any(int from) { return add_operator(between(0, kOperatorCases - 1), from); }
  int add_operator(int operator_case, int from) {
    switch (operator_case) {
      case 0:
      case 1:
        return add_convolution(from, operator_case == 0);
      case 2:
        return shape(from).channels > 1 ? add_depthwise(from) : add_convolution(from, true);
      case 3:
        return add_grouped(from);
      case 4:
        return add_fully_connected(from);
      case 5:
        return add_matmul(from);
      case 6:
      case 7:
        return add_pool(operator_case == 6 ? OpType::kAveragePool : OpType::kMaxPool, from);
      case 8:
        return add_global_pool(from);
      case 9:
      case 10:
        return add_pair(operator_case == 9 ? OpType::kAdd : OpType::kMultiply, from);
      case 11:
        return add_gate(OpType::kMultiply, from);
      case 12:
        return add_concat(from);
      case 13:
        return add_activation(from);
      case 14:
        return add_gate(OpType::kAdd, from);
      default:
        return add_reorder(from);
    }
  }

  Rng& rng_;
  TensorShape input_;
  std::vector<Layer> layers_;
};

}  // namespace

const char* operator_case_name(int operator_case) {
  return kNames[operator_case];
}

Network random_operator_network(Rng& rng, int operator_case) {
  return CaseBuilder(rng).build(operator_case);
}

AcceleratorConfig random_small_accelerator(Rng& rng) {
  AcceleratorConfig accelerator = random_accelerator(rng);
  constexpr double kKib[] = {0.5, 1, 2, 4, 8, 16, 64};
  if (rng.index(4) > 0) accelerator.local_memory_mib = kKib[rng.index(7)] / 1024;
  accelerator.weights = static_cast<WeightPolicy>(rng.index(3));
  constexpr int kLayersAhead[] = {0, 1, 1, 2, 1000};
  accelerator.weight_prefetch_layers = kLayersAhead[rng.index(5)];
  return accelerator;
}

FunctionalCase::FunctionalCase(Network n, const AcceleratorConfig& a, std::uint64_t seed)
    : network(std::move(n)), accelerator(a) {
  Planner planner;
  if (planner.plan(network, accelerator, program)) return;
  quantized = random_quantization(network, seed);
  input = random_input(network, seed);
  expected = reference_output(network, quantized, input);
}

FunctionalCase::Outcome FunctionalCase::run() const {
  FunctionalModel data(network, quantized, accelerator, program, input);
  Outcome outcome;
  for (const CycleBreakdown& layer :
       Accelerator::instance().run(accelerator, program, nullptr, &data)) {
    outcome.cycles += layer.total();
  }
  outcome.output = data.finish();
  outcome.counts = data.counts();
  return outcome;
}

std::int64_t FunctionalCase::cycles_without_data() const {
  std::int64_t cycles = 0;
  for (const CycleBreakdown& layer : Accelerator::instance().run(accelerator, program)) {
    cycles += layer.total();
  }
  return cycles;
}

bool matches(const FunctionalCase& c, const FunctionalCase::Outcome& outcome) {
  return outcome.output == c.expected && outcome.counts.sound() &&
         outcome.counts.macs == c.network.macs();
}

std::string describe(const FunctionalCase& c) {
  std::string text = fmt::format("{}x{} PEs, {} KiB\n", c.accelerator.pes_y, c.accelerator.pes_x,
                                 c.accelerator.local_memory_mib * 1024);
  for (std::size_t i = 0; i < c.program.layers.size(); ++i) {
    const Layer& l = c.network.layers()[i];
    text += fmt::format(
        "  {} {}: {}x{}x{} -> {}x{}x{}, kernel {}x{}, stride {}x{}, dilation {}x{}, padding {} {} "
        "{} {}, groups {}, reads",
        l.name, to_string(l.op), l.input.height, l.input.width, l.input.channels, l.output.height,
        l.output.width, l.output.channels, l.kernel_h, l.kernel_w, l.stride_h, l.stride_w,
        l.dilation_h, l.dilation_w, l.pad_top, l.pad_bottom, l.pad_left, l.pad_right, l.groups);
    for (const int from : l.inputs) text += fmt::format(" {}", from);
    text += fmt::format("; {}\n", c.program.layers[i].mapping.str());
  }
  return text;
}

}  // namespace dovetail::test
