#pragma once

#include <cstdint>
#include <vector>

namespace dovetail {

// The integers of a network, as QuantizeLinear and DequantizeLinear say them.

/// How a tensor's integers stand for numbers: scale * (integer - zero point).
struct OnnxScale {
  double scale = 1;
  int zero_point = 0;
};

struct OnnxInt8Layer {
  std::vector<std::int8_t> weights;   // in the order of the float tensor; empty if it has none
  std::vector<double> weight_scales;  // one an output channel, zero point 0
  std::vector<std::int32_t> bias;     // one an output channel, of input scale x weight scale
  OnnxScale before;                   // of what its activation is given, if that is a table
  OnnxScale behind;                   // of its output
};

struct OnnxInt8 {
  OnnxScale input;
  std::vector<OnnxInt8Layer> layers;
};

}  // namespace dovetail
