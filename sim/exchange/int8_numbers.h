#pragma once

#include "models/network/onnx/onnx_int8.h"
#include "sim/functional/post_training_quantization.h"

namespace dovetail {

/// The integers and scales of an int8 network as an ONNX file has them. What a runtime makes of
/// the file differs from the functional mode where its floating point rounds a half, or what is
/// close to one, the other way: by one step. With scales that are powers of two it does not round.
OnnxInt8 onnx_int8_of(const Network& network, const TrainedInt8& int8);

}  // namespace dovetail
