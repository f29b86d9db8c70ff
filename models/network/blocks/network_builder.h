#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/network/layers/network.h"

namespace dovetail {

/// Height and width of a window: "3" where they are equal, else "1x9".
struct WindowSize {
  int height = 1, width = 1;

  WindowSize() = default;
  WindowSize(int square) : height(square), width(square) {}  // NOLINT(google-explicit-constructor)
  WindowSize(int h, int w) : height(h), width(w) {}

  int positions() const { return height * width; }
  std::string str() const;
  bool operator==(const WindowSize&) const = default;
};

/// Squeeze-and-excite inside a block. squeeze_channels 0 means none.
struct SqueezeExcite {
  int squeeze_channels = 0;
  Activation inner = Activation::kRelu;
  Activation gate = Activation::kHardSigmoid;
};

/// What blocks of several layers are made of; each kind takes what it needs of it.
struct BlockSpec {
  int channels = 0;  // of the output
  int hidden = 0;    // mbconv, fused_mbconv: of the expanded input; bottleneck: of the k x k
  WindowSize kernel;
  int stride = 1;
  int dilation = 1;  // of the k x k convolutions
  int groups = 1;    // fused_mbconv, bottleneck: of the k x k convolution
  Activation activation = Activation::kNone;
  SqueezeExcite se{};          // mbconv, fused_mbconv
  bool always_expand = false;  // mbconv: expand convolution even if it does not widen
  bool skip = true;            // mbconv, fused_mbconv: residual add where shapes allow it
};

/// Builds networks layer by layer; "same" padding as TensorFlow pads (more at bottom and right).
/// Every function returns the index of the layer whose output is the result.
class NetworkBuilder {
 public:
  NetworkBuilder(std::string name, TensorShape input);

  /// Prefix of the names of the layers added from now on ("blocks.3"); "" for none.
  void begin_block(std::string_view block);

  /// `groups` must divide the channels on both sides; Network checks it.
  int conv(std::string_view name, int input, int channels, WindowSize kernel, int stride,
           Activation activation, int groups = 1, bool bias = false, bool batch_norm = true,
           int dilation = 1);
  int depthwise(std::string_view name, int input, WindowSize kernel, int stride,
                Activation activation, int dilation = 1);
  /// Reads all elements of its input; the output is 1x1.
  int fully_connected(std::string_view name, int input, int channels, Activation activation,
                      bool bias = true);
  int global_average_pool(std::string_view name, int input);
  /// `op` is kAveragePool or kMaxPool.
  int pool(std::string_view name, OpType op, int input, WindowSize kernel, int stride);
  /// `activation` is that of the sum, as after the shortcut of a ResNet.
  int add(std::string_view name, int a, int b, Activation activation = Activation::kNone);
  /// `b` may be 1x1xC.
  int multiply(std::string_view name, int a, int b);
  int activation(std::string_view name, int input, Activation activation);
  /// Two or more inputs of one height and width, joined along channels.
  int concat(std::string_view name, std::span<const int> inputs);
  /// Product of two activations (OpType::kMatMul): `b` has as many positions as `a` has channels.
  int matmul(std::string_view name, int a, int b);

  /// Global pool, reduce, expand, rescale: four layers ("se.pool", "se.reduce", "se.expand",
  /// "se.scale"), the gate being the activation of the second fully connected one.
  int squeeze_excite(int input, const SqueezeExcite& se);
  /// Inverted residual (MobileNetV2): expand 1x1 (left out if `hidden` equals the input channels
  /// and `always_expand` is false), depthwise, squeeze-excite, project 1x1, residual add where
  /// `skip` is set, stride is 1 and channels agree. The projection has no activation.
  int mbconv(int input, const BlockSpec& block);
  /// The same with expand and depthwise fused into one dense or grouped kxk convolution
  /// (EfficientNet-EdgeTPU).
  int fused_mbconv(int input, const BlockSpec& block);
  /// ResNet's block of two kxk convolutions ("conv1", "conv2"), the first with the stride.
  int basic_block(int input, const BlockSpec& block);
  /// ResNet's bottleneck ("reduce" 1x1, "conv" kxk, "expand" 1x1), the stride in the kxk
  /// convolution (v1.5). Both end in the sum ("add") with the input, which passes a 1x1 convolution
  /// ("shortcut") where stride or channels differ, and the activation of that sum (He et al. 2016).
  int bottleneck(int input, const BlockSpec& block);

  const TensorShape& shape_of(int index) const;
  int channels_of(int index) const { return shape_of(index).channels; }

  /// The checked network. The builder is empty afterwards.
  Network finish();

 private:
  /// A layer with name, block, first input and its shape filled in.
  Layer start(std::string_view name, OpType op, int input) const;
  int push(Layer layer);
  /// Ends a mobile block: squeeze-excite, project, add.
  int project(int block_input, int hidden, const BlockSpec& block);
  /// Ends a ResNet block: shortcut, add.
  int add_shortcut(int block_input, int main, const BlockSpec& block);

  std::string name_;
  std::string block_;
  TensorShape input_;
  std::vector<Layer> layers_;
};

/// Rounds to a multiple of `divisor`, not below 0.9 of the value (the MobileNet papers' rule).
int round_channels(double channels, int divisor = 8);

}  // namespace dovetail
