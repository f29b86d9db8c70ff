#pragma once

#include <span>
#include <string_view>

#include "models/network/onnx/layer_assembler.h"

namespace dovetail {

/// Joins the activation to the layer that gives the node's `input`, or makes it a layer of its own.
void give_activation(LayerAssembler& assembler, const OnnxNode& node, Activation activation,
                     std::size_t input = 0);

// Each converter turns one node of a plain graph (plain_graph.h) into layers, a part of a layer, or
// a view, and throws InputError, without the node's name, for forms that are not supported.

struct Converter {
  std::string_view op;
  std::string_view becomes;  // in words, for the user
  void (*convert)(LayerAssembler& assembler, const OnnxNode& node);
};

/// Convolution and pooling.
std::span<const Converter> window_converters();
/// Fully connected layers and matrix products.
std::span<const Converter> product_converters();
/// Normalisation, sums, products, concatenation.
std::span<const Converter> elementwise_converters();
/// What is divided by a sum of many numbers: normalisation of layers, softmax.
std::span<const Converter> normalisation_converters();
/// What makes more positions: transposed convolution, blocks of channels as positions.
std::span<const Converter> upsampling_converters();
/// Functions of one number, and what is left to the host.
std::span<const Converter> activation_converters();
/// What takes numbers to other places: parts, repetitions, shuffles.
std::span<const Converter> move_converters();
/// What changes shape, order, type, quantisation or padding.
std::span<const Converter> view_converters();

}  // namespace dovetail
