#pragma once

#include <ATen/ATen.h>

#include <span>

#include "models/network/layers/network.h"
#include "models/training/weights/network_weights.h"

namespace dovetail {

/// The tensors of a layer, shaped as its ParameterSpecs say; undefined where it has none.
struct LayerTensors {
  at::Tensor weight, bias, scale, shift, mean, variance;
  at::Tensor& of(ParameterKind kind);
};

/// Batch normalisation by the images at hand, whose mean and variance then count `momentum` in the
/// stored ones where there are any; or by the stored ones.
struct Normalisation {
  bool by_batch = false;
  double momentum = 0.1;
};

/// The last layer's output, one row an image, for images in the order batch, channel, row,
/// column. `tensors` has those of each layer.
at::Tensor network_forward(const Network& network, std::span<const LayerTensors> tensors,
                           const at::Tensor& images, const Normalisation& normalisation);

}  // namespace dovetail
