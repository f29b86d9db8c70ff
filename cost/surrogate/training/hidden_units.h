#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cost/surrogate/net/mlp.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {

/// What one network of a model computes of pairs: the features in which corrections of it are
/// linear. Of a tuned model too it is without the corrections.
struct HiddenUnits {
  std::size_t count = 0;        // units of all hidden layers, side by side
  std::vector<double> units;    // [pairs x count]
  std::vector<double> outputs;  // [pairs x outputs of the network]
};

/// Of the pairs network[i], hardware[i], points of the model's spaces.
HiddenUnits hidden_units(const Surrogate::Impl& model, const Mlp<float>& member,
                         std::span<const Choices> network, std::span<const Choices> hardware);

}  // namespace dovetail
