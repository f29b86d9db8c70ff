#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/network/layers/network.h"

namespace dovetail {

/// What a tensor of numbers is to its layer.
enum class ParameterKind : std::uint8_t {
  kWeight,    // convolution: [out, in of group, rows, columns]; fully connected: [out, numbers in]
  kBias,      // all others: one an output channel
  kScale,     // of batch normalisation, as the next
  kShift,     //
  kMean,      // not trained: statistics of what was normalised
  kVariance,  // the same
};

/// A tensor that a layer has for itself. The numbers of a fully connected layer's input count
/// channel by channel, each row by row, as ONNX and PyTorch flatten.
struct ParameterSpec {
  std::string name;  // "blocks.3.expand.weight", as in ONNX files
  std::vector<std::int64_t> dims;
  ParameterKind kind = ParameterKind::kWeight;
  std::size_t layer = 0;
  std::int64_t fan_in = 1;  // numbers that are summed up to one of the output

  std::size_t elements() const;
  bool trained() const { return kind != ParameterKind::kMean && kind != ParameterKind::kVariance; }
};

/// All tensors of a network, in the order of its layers. Throws InputError naming the layer for
/// one that is not trained here: matrix products, reorders, clamps, and activations of which only a
/// table is known.
std::vector<ParameterSpec> network_parameters(const Network& network);

/// The numbers of a network by the names of its tensors.
using NetworkWeights = std::map<std::string, std::vector<float>>;

/// Throws InputError unless `weights` has the tensors of the network and no others, all of finite
/// numbers; `source` says where they are from.
void require_weights_of(const Network& network, const NetworkWeights& weights,
                        const std::string& source);

/// Added to a variance before its root is taken; ONNX's default too.
inline constexpr double kBatchNormEpsilon = 1e-5;

}  // namespace dovetail
