#include "sim/exchange/int8_numbers.h"

namespace dovetail {
namespace {

OnnxScale onnx_scale_of(const TensorScale& scale) {
  return {scale.scale, scale.zero_point};
}

/// From rows, columns, input channels to input channels, rows, columns, output by output.
std::vector<std::int8_t> channels_first(const Layer& layer,
                                        const std::vector<std::int8_t>& weights) {
  const bool vector = layer.op == OpType::kFullyConnected;
  const int positions =
      vector ? layer.input.height * layer.input.width : layer.kernel_h * layer.kernel_w;
  const auto each = weights.size() / static_cast<std::size_t>(layer.output.channels);
  const auto inputs = each / static_cast<std::size_t>(positions);
  std::vector<std::int8_t> turned;
  turned.reserve(weights.size());
  for (std::size_t first = 0; first < weights.size(); first += each) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t at = i; at < each; at += inputs) turned.push_back(weights[first + at]);
    }
  }
  return turned;
}

}  // namespace

OnnxInt8 onnx_int8_of(const Network& network, const TrainedInt8& int8) {
  OnnxInt8 result;
  result.input = onnx_scale_of(int8.input);
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const QuantizedLayer& q = int8.network.layers[i];
    const LayerScales& scales = int8.scales[i];
    result.layers.push_back({channels_first(network.layers()[i], q.weights), scales.weights, q.bias,
                             onnx_scale_of(scales.before), onnx_scale_of(scales.behind)});
  }
  return result;
}

}  // namespace dovetail
