#pragma once

#include <string>
#include <string_view>

#include "models/network/network.h"

namespace dovetail {

/// Squeeze-and-excite inside a block. squeeze_channels 0 means none.
struct SqueezeExcite {
  int squeeze_channels = 0;
  Activation inner = Activation::kRelu;
  Activation gate = Activation::kHardSigmoid;
};

/// Builds networks layer by layer; "same" padding as TensorFlow pads (more at bottom and right).
/// Every function returns the index of the layer whose output is the result.
class NetworkBuilder {
 public:
  NetworkBuilder(std::string name, TensorShape input);

  /// Prefix of the names of the layers added from now on ("blocks.3"); "" for none.
  void begin_block(std::string_view block);

  /// `groups` must divide the channels on both sides; Network checks it.
  int conv(std::string_view name, int input, int channels, int kernel, int stride,
           Activation activation, int groups = 1, bool bias = false, bool batch_norm = true);
  int depthwise(std::string_view name, int input, int kernel, int stride, Activation activation);
  /// Reads all elements of its input; the output is 1x1.
  int fully_connected(std::string_view name, int input, int channels, Activation activation,
                      bool bias = true);
  int global_average_pool(std::string_view name, int input);
  /// `op` is kAveragePool or kMaxPool.
  int pool(std::string_view name, OpType op, int input, int kernel, int stride);
  int add(std::string_view name, int a, int b);
  /// `b` may be 1x1xC.
  int multiply(std::string_view name, int a, int b);
  int activation(std::string_view name, int input, Activation activation);

  /// Global pool, reduce, expand, rescale: four layers ("se.pool", "se.reduce", "se.expand",
  /// "se.scale"), the gate being the activation of the second fully connected one.
  int squeeze_excite(int input, const SqueezeExcite& se);
  /// Inverted residual (MobileNetV2): expand 1x1 (left out if `hidden` equals the input channels
  /// and `always_expand` is false), depthwise, squeeze-excite, project 1x1, residual add where
  /// `skip` is set, stride is 1 and channels agree. The projection has no activation.
  int mbconv(int input, int channels, int hidden, int kernel, int stride, Activation activation,
             const SqueezeExcite& se, bool always_expand = false, bool skip = true);
  /// The same with expand and depthwise fused into one dense or grouped kxk convolution
  /// (EfficientNet-EdgeTPU).
  int fused_mbconv(int input, int channels, int hidden, int kernel, int stride,
                   Activation activation, const SqueezeExcite& se, int groups = 1,
                   bool skip = true);

  const TensorShape& shape_of(int index) const;
  int channels_of(int index) const { return shape_of(index).channels; }

  /// The checked network. The builder is empty afterwards.
  Network finish();

 private:
  /// A layer with name, block, first input and its shape filled in.
  Layer start(std::string_view name, OpType op, int input) const;
  int push(Layer layer);
  int project(int block_input, int hidden, int channels, int stride, const SqueezeExcite& se,
              bool skip);

  std::string name_;
  std::string block_;
  TensorShape input_;
  std::vector<Layer> layers_;
};

/// Rounds to a multiple of `divisor`, not below 0.9 of the value (the MobileNet papers' rule).
int round_channels(double channels, int divisor = 8);

}  // namespace dovetail
