#pragma once

#include <span>
#include <vector>

#include "models/network/layers/network.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {

/// Numbers of one image, row by row, channels innermost.
struct FloatTensor {
  TensorShape shape;
  std::vector<float> values;

  float at(int y, int x, int channel) const {
    return values[(static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.width) +
                   static_cast<std::size_t>(x)) *
                      static_cast<std::size_t>(shape.channels) +
                  static_cast<std::size_t>(channel)];
  }
};

/// The plain reference of what a network with weights computes: loops as the operators are
/// defined, sums in double. What trains is compared with it, and int8 scales are measured on it.
class FloatInference {
 public:
  /// Throws InputError unless the weights are the network's (require_weights_of()).
  FloatInference(const Network& network, NetworkWeights weights);

  /// The outputs of all layers; `input` has the network's shape. Into `before`, if it is not null,
  /// goes what the activations of the layers were given.
  std::vector<FloatTensor> run(const FloatTensor& input,
                               std::vector<FloatTensor>* before = nullptr) const;

 private:
  FloatTensor layer_output(const Layer& layer, std::span<const FloatTensor* const> inputs) const;
  const std::vector<float>& tensor(const Layer& layer, const char* part) const;
  FloatTensor convolution(const Layer& layer, const FloatTensor& in) const;
  FloatTensor fully_connected(const Layer& layer, const FloatTensor& in) const;
  void normalise(const Layer& layer, FloatTensor& out) const;

  const Network& network_;
  NetworkWeights weights_;
};

/// An activation that is a function of one number; throws std::logic_error for kClamp and kTable.
double activate(Activation activation, double x);

}  // namespace dovetail
