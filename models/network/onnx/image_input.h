#pragma once

#include <optional>

#include "models/network/onnx/axis_layout.h"
#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// An input of fewer than four dimensions that holds an image: a row of pixels, a picture without
/// a batch, a spectrum over time.
struct ImageInput {
  TensorShape shape;
  AxisLayout layout;  // of the numbers in the input as the graph declares it
  bool has_batch;     // its first dimension is the batch and not a part of the image
};

/// Follows the reshapes and transposes that a graph begins with, whose sizes are constant, to the
/// image of four dimensions that its first convolution or pooling reads. Nothing if there is none
/// or if `input` has four dimensions itself.
std::optional<ImageInput> image_behind(const OnnxGraph& graph, const OnnxInput& input);

}  // namespace dovetail
