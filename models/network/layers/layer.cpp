#include "models/network/layers/layer.h"

#include <array>
#include <limits>

namespace dovetail {
namespace {

constexpr int kAny = std::numeric_limits<int>::max();

// in the order of OpType
constexpr std::array<OpInfo, 10> kOps = {{{"conv2d", 1, 1},
                                          {"fully_connected", 1, 1},
                                          {"average_pool", 1, 1},
                                          {"max_pool", 1, 1},
                                          {"global_average_pool", 1, 1},
                                          {"add", 2, 2},
                                          {"multiply", 2, 2},
                                          {"activation", 1, 1},
                                          {"concat", 2, kAny},
                                          {"matmul", 2, 2}}};

// in the order of Activation
constexpr std::array<std::string_view, 7> kActivations = {"none",   "relu",    "relu6",   "swish",
                                                          "hswish", "sigmoid", "hsigmoid"};

}  // namespace

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

const OpInfo& op_info(OpType op) {
  return kOps.at(static_cast<std::size_t>(op));
}

std::string to_string(OpType op) {
  return std::string(op_info(op).name);
}

std::string to_string(Activation activation) {
  return std::string(kActivations.at(static_cast<std::size_t>(activation)));
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
  if (op == OpType::kMatMul) return input.elements() * output.channels;
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
