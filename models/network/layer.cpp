#include "models/network/layer.h"

namespace dovetail {

bool is_table_activation(Activation activation) {
  switch (activation) {
    case Activation::kNone:
    case Activation::kRelu:
    case Activation::kRelu6:
      return false;
    case Activation::kSwish:
    case Activation::kHardSwish:
    case Activation::kSigmoid:
    case Activation::kHardSigmoid:
      return true;
  }
  return false;
}

std::string to_string(OpType op) {
  switch (op) {
    case OpType::kConv2d:
      return "conv2d";
    case OpType::kFullyConnected:
      return "fully_connected";
    case OpType::kAveragePool:
      return "average_pool";
    case OpType::kMaxPool:
      return "max_pool";
    case OpType::kGlobalAveragePool:
      return "global_average_pool";
    case OpType::kAdd:
      return "add";
    case OpType::kMultiply:
      return "multiply";
    case OpType::kActivation:
      return "activation";
  }
  return "";
}

std::string to_string(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return "none";
    case Activation::kRelu:
      return "relu";
    case Activation::kRelu6:
      return "relu6";
    case Activation::kSwish:
      return "swish";
    case Activation::kHardSwish:
      return "hswish";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kHardSigmoid:
      return "hsigmoid";
  }
  return "";
}

std::int64_t Layer::weight_count() const {
  switch (op) {
    case OpType::kConv2d:
      return static_cast<std::int64_t>(kernel_h) * kernel_w * (input.channels / groups) *
             output.channels;
    case OpType::kFullyConnected:
      return input.elements() * output.channels;
    default:
      return 0;
  }
}

std::int64_t Layer::macs() const {
  return weight_count() * output.height * output.width;
}

std::int64_t Layer::parameter_count() const {
  return weight_count() +
         static_cast<std::int64_t>(output.channels) * (2 * has_batch_norm + has_bias);
}

std::int64_t Layer::weight_bytes() const {
  constexpr std::int64_t kBytesPerChannel = 4 + 4;  // int32 bias, int32 multiplier
  return has_weights() ? weight_count() + kBytesPerChannel * output.channels : 0;
}

}  // namespace dovetail
