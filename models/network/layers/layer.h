#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dovetail {

/// Height, width and channels of one activation tensor, batch 1.
struct TensorShape {
  int height = 1, width = 1, channels = 1;

  /// How many numbers it has; what they take in memory says bytes_of().
  std::int64_t elements() const { return static_cast<std::int64_t>(height) * width * channels; }
  bool operator==(const TensorShape&) const = default;
};

/// How many bits a number takes, by what it is. int8 with int32 sums, so far everywhere.
struct Bits {
  std::uint8_t weight = 8, activation = 8, accumulator = 32;

  bool operator==(const Bits&) const = default;
};

/// Memory that `elements` numbers of `bits` each take, packed; the last byte may be part empty.
constexpr std::int64_t bytes_of(std::int64_t elements, int bits) {
  return (elements * bits + 7) >> 3;  // by a shift: the mapper counts bytes in its inner loop
}

/// What operators do is told by their rows in models/network/layers/operators.h.
enum class OpType {
  kConv2d,  // dense, grouped or depthwise (groups == channels)
  kFullyConnected,
  kAveragePool,
  kMaxPool,
  kGlobalAveragePool,
  kAdd,         // elementwise; the second input may be 1x1xC
  kMultiply,    // elementwise; the second input may be 1x1xC (squeeze-and-excite rescale)
  kActivation,  // an activation that no other layer carries
  kConcat,      // two or more inputs of one height and width, one after another along channels
  kMatMul,      // product of two activations, position by position: see below
  kReorder,     // copies numbers to other places: a part, each several times, channels shuffled or
                // laid out as positions
};
// kMatMul multiplies A [M x K] by B [K x N] to C [M x N]. Of a tensor, positions are the matrix's
// rows, row by row, and channels its columns: the first input has M = height * width positions of K
// channels, the second K positions of N channels, the output height and width of the first and N
// channels. A 1x1 convolution is the same with weights for B.

enum class Activation {
  kNone,
  kRelu,
  kRelu6,
  kSwish,
  kHardSwish,
  kSigmoid,
  kHardSigmoid,
  kClamp,  // to any other two bounds
  kTable,  // any other function of one number: its table is all that is known of it
};

/// True for activations that need a table lookup per element; ReLUs and clamps ride on
/// requantisation.
bool is_table_activation(Activation activation);

std::string to_string(OpType op);
std::string to_string(Activation activation);

/// Input of a layer that is the network's own input.
inline constexpr int kNetworkInput = -1;
/// Of a layer that has its weights for itself.
inline constexpr int kOwnWeights = -1;
/// Of a layer whose weights follow from its operator, as the ones of a sum: no parameters.
inline constexpr int kFixedWeights = -2;

/// Which numbers of its input kReorder takes along one axis.
struct AxisPick {
  int first = 0, step = 1, repeat = 1;

  /// The input's index that output `i` is taken from.
  int input_of(int i) const { return first + i / repeat * step; }
  bool operator==(const AxisPick&) const = default;
};

struct Reorder {
  AxisPick rows, cols, channels;
  /// Channels become blocks of positions: `rows` and `cols` repeat so often, and of the channels
  /// that stand for one position each repetition takes its own. They stand in as many parts, row by
  /// row, each with all channels of the output; or, `inner`, next to each other for each of them.
  int block_rows = 1, block_cols = 1;
  bool inner = false;

  int block() const { return block_rows * block_cols; }

  bool operator==(const Reorder&) const = default;
};

/// One operator of a network, after batch normalisation has been folded in.
struct Layer {
  std::string name;   // unique in the network: "blocks.3.expand"
  std::string block;  // what it belongs to: "blocks.3"; "" outside blocks
  OpType op = OpType::kConv2d;
  std::vector<int> inputs;  // layers whose output it reads, all before it, or kNetworkInput
  TensorShape input;        // of inputs[0]
  TensorShape output;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int groups = 1;
  Activation activation = Activation::kNone;  // applied to the output
  bool has_bias = false;
  bool has_batch_norm = false;  // counts as two parameters a channel; folded for inference
  Bits bits;
  Reorder reorder;               // kReorder; its channels are shuffled between `groups` before
  int weights_of = kOwnWeights;  // a layer before it whose weights it shares; they count there
                                 // (or one of the two constants)

  bool is_depthwise() const {
    return op == OpType::kConv2d && groups > 1 && groups == input.channels;
  }
  bool has_weights() const;
  /// Multiply-accumulates of convolutions, fully connected layers and matrix products; 0 for all
  /// else, as papers count them. Like all counts here the largest integer if it does not fit one.
  std::int64_t macs() const;
  /// The input channel that an output of kReorder is taken from: channels of a shuffle stand in
  /// `groups`, and one of each group is taken in turn (Zhang et al., "ShuffleNet", CVPR 2018).
  int reordered_channel(int row, int col, int channel) const;
  /// Whether its weights are those of a layer before it.
  bool shares_weights() const { return weights_of >= 0; }
  /// Weights proper, without bias and batch normalisation.
  std::int64_t weight_count() const;
  /// As papers count: weights unless they are another layer's, biases, scale and shift of batch
  /// normalisation.
  std::int64_t parameter_count() const;
  /// What inference reads: the weights, and for each output channel a bias, which an accumulator
  /// holds, and an int32 multiplier (per-channel requantisation).
  std::int64_t weight_bytes() const;
  /// Of these, bias and multiplier of one output channel.
  std::int64_t constant_bytes() const;

  bool operator==(const Layer&) const = default;
};

}  // namespace dovetail
