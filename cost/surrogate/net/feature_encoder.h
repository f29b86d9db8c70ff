#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "models/network/space/space_description.h"

namespace dovetail {

/// Turns a pair of points into the inputs of the network. In this order:
///   one 0/1 input for each choice of each network decision, all 0 while the decision has no effect
///     (SpaceDescription::guards), so that equal networks have equal inputs;
///   one 0/1 input for each choice of each hardware decision;
///   for each hardware decision with numeric choices, the logarithm of its value scaled to [-1, 1]
///     (the value itself if some are not positive).
/// All inputs are of order 1, so no further standardisation is needed. They say all that has an
/// effect: decode() gives the pair back, with the first choice where a decision has none.
class FeatureEncoder {
 public:
  FeatureEncoder(const SpaceDescription& network, const SpaceDescription& hardware);

  std::size_t width() const { return width_; }
  /// Writes width() values. The choices must be valid in their spaces.
  void encode(const Choices& network, const Choices& hardware, float* inputs) const;
  /// Network and hardware: of each decision the choice with the largest input.
  std::pair<Choices, Choices> decode(const float* inputs) const;

 private:
  std::vector<std::size_t> network_first_, hardware_first_;  // input of each decision's choice 0
  std::vector<Guard> guards_;
  std::vector<std::vector<float>> scaled_;  // [hardware decision][choice]; empty if not numeric
  std::size_t scaled_first_ = 0;
  std::size_t width_ = 0;
};

}  // namespace dovetail
