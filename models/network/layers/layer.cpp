#include "models/network/layers/layer.h"

#include <array>
#include <string_view>

#include "models/network/layers/operators.h"

namespace dovetail {
namespace {

struct ActivationRules {
  Activation activation;
  std::string_view name;
  bool needs_table;  // a lookup per element; ReLUs ride on requantisation
};

constexpr std::array<ActivationRules, 9> kActivations = {{
    {Activation::kNone, "none", false},
    {Activation::kRelu, "relu", false},
    {Activation::kRelu6, "relu6", false},
    {Activation::kSwish, "swish", true},
    {Activation::kHardSwish, "hswish", true},
    {Activation::kSigmoid, "sigmoid", true},
    {Activation::kHardSigmoid, "hsigmoid", true},
    {Activation::kClamp, "clamp", false},
    {Activation::kTable, "table", true},
}};
static_assert(in_order_of_enumeration(kActivations, &ActivationRules::activation));

const ActivationRules& rules_of(Activation activation) {
  return kActivations.at(static_cast<std::size_t>(activation));
}

}  // namespace

bool is_table_activation(Activation activation) {
  return rules_of(activation).needs_table;
}

std::string to_string(OpType op) {
  return std::string(rules_of(op).name);
}

std::string to_string(Activation activation) {
  return std::string(rules_of(activation).name);
}

int Layer::reordered_channel(int row, int col, int channel) const {
  if (reorder.block() > 1) {
    const int part = row % reorder.block_rows * reorder.block_cols + col % reorder.block_cols;
    return reorder.inner ? channel * reorder.block() + part : part * output.channels + channel;
  }
  const int size = output.channels / groups;
  return reorder.channels.input_of(channel % groups * size + channel / groups);
}

bool Layer::has_weights() const {
  return rules_of(op).has_weights;
}

std::int64_t Layer::weight_count() const {
  const OperatorRules& rules = rules_of(op);
  return rules.has_weights ? product_of({rules.products(*this), output.channels}) : 0;
}

std::int64_t Layer::macs() const {
  const std::int64_t products = rules_of(op).products(*this);
  return product_of({products, output.height, output.width, output.channels});
}

std::int64_t Layer::parameter_count() const {
  return (weights_of == kOwnWeights ? weight_count() : 0) +
         static_cast<std::int64_t>(output.channels) * (2 * has_batch_norm + has_bias);
}

std::int64_t Layer::constant_bytes() const {
  constexpr std::int64_t kMultiplierBytes = 4;
  return bytes_of(1, bits.accumulator) + kMultiplierBytes;
}

std::int64_t Layer::weight_bytes() const {
  if (!has_weights()) return 0;
  return bytes_of(weight_count(), bits.weight) + constant_bytes() * output.channels;
}

}  // namespace dovetail
