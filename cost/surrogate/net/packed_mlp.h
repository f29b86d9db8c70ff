#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cost/surrogate/net/aligned_vector.h"
#include "cost/surrogate/net/mlp.h"

namespace dovetail {

/// A network that only predicts: its weights laid out once, in the order in which they are read.
///
/// Rows go through all layers in blocks that stay in the cache; biases and ReLU are part of each
/// layer's loop. Inputs that are 0 cost next to nothing: encoded choices are mostly zeros. Each
/// output is summed in the order of its layer's inputs, from the bias on, whatever other rows are
/// there: the outputs of a row do not depend on its neighbours, to the last bit.
class PackedMlp {
 public:
  /// `skips`, if not empty, is added to the outputs: what each unit of the hidden layers before the
  /// last gives to each output, row-major [units of those layers in turn x outputs].
  explicit PackedMlp(const Mlp<float>& network, std::span<const float> skips = {});

  std::size_t outputs() const { return outputs_; }
  /// `inputs` is row-major [rows x inputs], `outputs` becomes [rows x outputs()].
  void predict(std::span<const float> inputs, std::size_t rows, std::vector<float>& outputs) const;

 private:
  /// Weights as panels of a few outputs each, [panel][input][output of the panel], the last panel
  /// filled up with zeros; biases likewise.
  struct Layer {
    std::size_t inputs = 0, panels = 0;
    AlignedVector<float> weights, biases;
    AlignedVector<float>
        readout;  // [output of the network][unit]; empty if it adds nothing to them

    Layer(const float* row_major, std::size_t from, std::size_t to);
    std::size_t width() const;  // units, filled up
  };

  /// Row-major [units x outputs_] as a readout of `width` units.
  AlignedVector<float> make_readout(const float* row_major, std::size_t units,
                                    std::size_t width) const;
  void predict_block(const float* inputs, std::size_t rows, float* outputs,
                     AlignedVector<float>& values, AlignedVector<float>& next) const;

  std::size_t inputs_, outputs_;
  std::vector<Layer> layers_;  // the hidden ones
  // Without a hidden layer: of the inputs.
  AlignedVector<float> direct_;  // [output][input]
  std::vector<float> biases_;    // of the outputs
};

}  // namespace dovetail
