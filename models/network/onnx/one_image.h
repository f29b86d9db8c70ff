#pragma once

#include "models/network/onnx/onnx_graph.h"

namespace dovetail {

/// A batch is many times one image: a graph whose inputs have a fixed batch as that of one image.
/// Where a constant names the batch, first among the sizes of a Reshape or an Expand, it is 1 then.
OnnxGraph of_one_image(OnnxGraph graph);

}  // namespace dovetail
