#pragma once

#include <span>
#include <vector>

#include "models/network/layers/network.h"
#include "models/training/weights/float_inference.h"
#include "sim/kernels/quantized_network.h"

namespace dovetail {

/// Numbers that a tensor takes.
struct ValueRange {
  float low = 0, high = 0;  // 0 is always among them
  void add(std::span<const float> values);
};

/// What the tensors of a network take on some images: what is behind each layer's activation, and
/// what is before it.
struct ActivationRanges {
  ValueRange input;
  std::vector<ValueRange> before, behind;  // of each layer
};
ActivationRanges measure_ranges(const Network& network, const NetworkWeights& weights,
                                std::span<const FloatTensor> images);

/// What scales may be.
enum class ScaleRule {
  kFitted,       // whatever the range asks for
  kPowersOfTwo,  // the next power of two above: up to a bit of resolution is lost, and each product
                 // with a scale is a shift. Floating point computes then without rounding, so that
                 // every runtime that rounds halves to even finds the same integers
};

/// A tensor's integers: value = scale * (integer - zero point).
struct TensorScale {
  double scale = 1;
  int zero_point = 0;

  static TensorScale of(const ValueRange& range, ScaleRule rule = ScaleRule::kFitted);
  std::int8_t quantize(double value) const;
};

/// What the integers of a layer stand for.
struct LayerScales {
  std::vector<double> weights;  // one an output channel, zero point 0; empty without weights
  TensorScale before, behind;   // of what a table activation is given, and of the output
};

/// A trained network in int8, and how its input becomes integers.
struct TrainedInt8 {
  QuantizedNetwork network;
  TensorScale input;
  std::vector<LayerScales> scales;  // of each layer

  QuantizedTensor quantize(const FloatTensor& image) const;
};

/// Rounds a trained network to int8 after its training (Jacob et al., CVPR 2018; section 3): batch
/// normalisation is folded into weights, which have a scale an output channel; activations have the
/// range that was measured. Throws InputError for weights that two layers share, and for sums that
/// could overflow int32.
TrainedInt8 quantize_trained(const Network& network, const NetworkWeights& weights,
                             const ActivationRanges& ranges, ScaleRule rule = ScaleRule::kFitted);

}  // namespace dovetail
