#pragma once

#include "models/network/onnx/layer_assembler.h"

namespace dovetail {

// Layers that several converters make: passes over whole tensors.

/// The node's input with an activation: that of the layer before, or a layer of its own.
Feature activated(LayerAssembler& assembler, const OnnxNode& node, Activation activation,
                  std::size_t input = 0);

/// A sum or product of two tensors, of which one may be broadcast to the other: where it is not one
/// number a channel, it is repeated by a layer before.
Feature combined(LayerAssembler& assembler, const OnnxNode& node, OpType op, Feature a, Feature b);

/// The sum or mean of all channels, or of those of each of `groups`, at every position: a 1x1
/// convolution whose weights are no parameters, as this array adds channels.
Feature channel_sum(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                    Activation activation = Activation::kNone, int groups = 1);

/// The mean of all positions.
Feature position_mean(LayerAssembler& assembler, const OnnxNode& node, const Feature& x,
                      Activation activation = Activation::kNone);

/// What a reduction leaves one of.
struct Reduced {
  bool rows = false, cols = false, channels = false;
};

/// What the dimensions say that are reduced. Throws InputError if the batch is, nothing is, or a
/// part of the channels.
Reduced reduced_axes(const OnnxNode& node, const Feature& x, const TensorShape& shape,
                     const std::vector<bool>& dimensions);

}  // namespace dovetail
