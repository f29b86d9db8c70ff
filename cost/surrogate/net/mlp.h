#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/numbers/random.h"
#include "cost/surrogate/net/aligned_vector.h"

namespace dovetail {

struct MlpShape {
  std::size_t inputs = 0;
  std::vector<std::size_t> hidden;
  std::size_t outputs = 0;

  std::size_t parameter_count() const;
  bool operator==(const MlpShape&) const = default;
};

/// A multilayer perceptron: affine layers with ReLU between them, the last one linear.
///
/// Batches are row-major [batch x inputs] and [batch x outputs]; a layer is one matrix product over
/// the whole batch. All parameters stand in one vector, layer by layer: weights (row-major,
/// [inputs x outputs] of the layer), then biases. T is float, or double for checks.
/// Single-threaded; the same calls give the same bits. Predictions: packed_mlp.h.
template <typename T>
class Mlp {
 public:
  /// All parameters zero.
  explicit Mlp(MlpShape shape);

  /// He et al. (2015): weights normal with variance 2 / inputs of the layer, biases zero. The last
  /// layer's weights are scaled by `output_scale`.
  void initialize(Rng& rng, double output_scale = 1);

  const MlpShape& shape() const { return shape_; }
  std::span<T> parameters() { return parameters_; }
  std::span<const T> parameters() const { return parameters_; }
  /// The biases of the last layer.
  std::span<T> output_biases();

  /// Forward pass that keeps what backward() needs. Hidden units are dropped with probability
  /// `dropout` and the others scaled up, drawn from `rng`. The result is valid until the next call.
  std::span<const T> forward(std::span<const T> inputs, std::size_t batch, double dropout,
                             Rng& rng);
  /// From the loss's derivative by the outputs of the last forward() ([batch x outputs], row-major)
  /// to its derivative by the parameters, in their order.
  std::span<const T> backward(std::span<const T> output_gradient);

 private:
  /// The activations of one layer over a batch.
  using Block = AlignedVector<T>;

  std::size_t width(std::size_t layer) const;  // inputs, hidden..., outputs
  std::size_t layers() const { return shape_.hidden.size() + 1; }

  MlpShape shape_;
  AlignedVector<T> parameters_;
  std::vector<std::size_t> offsets_;  // of each layer's weights in parameters_
  std::size_t batch_ = 0;
  // Kept from forward() to backward(); allocated once for a batch size.
  std::vector<Block> values_;  // of the inputs and after each layer
  std::vector<Block> masks_;   // per hidden layer: 0, or the scale of a unit that was kept
  std::vector<Block> deltas_;  // derivative of the loss by each layer's result
  AlignedVector<T> gradient_;
};

/// AdamW: Adam (Kingma & Ba, 2015) with its default moments and decoupled weight decay (Loshchilov
/// & Hutter, 2019), none by default.
class AdamW {
 public:
  /// All that the steps to come depend on.
  struct Moments {
    AlignedVector<float> first, second;        // one of each for a parameter
    double first_power = 1, second_power = 1;  // of the decay rates, by the steps done
  };

  explicit AdamW(std::size_t parameters, double weight_decay = 0);
  void step(std::span<float> parameters, std::span<const float> gradient, double learning_rate);

  const Moments& moments() const { return moments_; }
  /// Goes on from there; sizes must be those of before.
  void restore(Moments moments);

 private:
  Moments moments_;
  double weight_decay_;
};

extern template class Mlp<float>;
extern template class Mlp<double>;

}  // namespace dovetail
