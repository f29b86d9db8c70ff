#include "cost/surrogate/net/mlp.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dovetail {
namespace {

template <typename T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T>
using MatrixMap = Eigen::Map<RowMajor<T>>;
template <typename T>
using ConstMatrixMap = Eigen::Map<const RowMajor<T>>;
template <typename T>
using RowMap = Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic>>;
template <typename T>
using ConstRowMap = Eigen::Map<const Eigen::Matrix<T, 1, Eigen::Dynamic>>;

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

/// result = values * weights + biases.
template <typename T>
void affine(const T* values, const T* parameters, std::size_t batch, std::size_t from,
            std::size_t to, T* result) {
  const ConstMatrixMap<T> x(values, index(batch), index(from));
  const ConstMatrixMap<T> w(parameters, index(from), index(to));
  const ConstRowMap<T> b(parameters + from * to, index(to));
  MatrixMap<T> y(result, index(batch), index(to));
  y.noalias() = x * w;
  y.rowwise() += b;
}

template <typename T>
void relu(AlignedVector<T>& values) {
  for (T& v : values) v = std::max(v, T{0});
}

}  // namespace

std::size_t MlpShape::parameter_count() const {
  std::size_t count = 0, from = inputs;
  for (const std::size_t to : hidden) {
    count += from * to + to;
    from = to;
  }
  return count + from * outputs + outputs;
}

template <typename T>
Mlp<T>::Mlp(MlpShape shape) : shape_(std::move(shape)), parameters_(shape_.parameter_count()) {
  std::size_t offset = 0;
  for (std::size_t l = 0; l < layers(); ++l) {
    offsets_.push_back(offset);
    offset += width(l) * width(l + 1) + width(l + 1);
  }
}

template <typename T>
std::size_t Mlp<T>::width(std::size_t layer) const {
  if (layer == 0) return shape_.inputs;
  return layer <= shape_.hidden.size() ? shape_.hidden[layer - 1] : shape_.outputs;
}

template <typename T>
void Mlp<T>::initialize(Rng& rng, double output_scale) {
  std::fill(parameters_.begin(), parameters_.end(), T{0});
  for (std::size_t l = 0; l < layers(); ++l) {
    const double scale =
        std::sqrt(2.0 / static_cast<double>(width(l))) * (l + 1 == layers() ? output_scale : 1.0);
    T* weights = parameters_.data() + offsets_[l];
    for (std::size_t i = 0; i < width(l) * width(l + 1); ++i) {
      weights[i] = static_cast<T>(scale * rng.normal());
    }
  }
}

template <typename T>
std::span<T> Mlp<T>::output_biases() {
  return std::span<T>(parameters_).last(shape_.outputs);
}

template <typename T>
std::span<const T> Mlp<T>::forward(std::span<const T> inputs, std::size_t batch, double dropout,
                                   Rng& rng) {
  if (inputs.size() != batch * shape_.inputs) throw std::invalid_argument("Mlp: batch size");
  batch_ = batch;
  values_.resize(layers() + 1);
  masks_.resize(layers() - 1);
  values_[0].assign(inputs.begin(), inputs.end());
  for (std::size_t l = 0; l < layers(); ++l) {
    Block& next = values_[l + 1];
    next.resize(batch * width(l + 1));
    affine(values_[l].data(), parameters_.data() + offsets_[l], batch, width(l), width(l + 1),
           next.data());
    if (l + 1 == layers()) break;
    relu(next);
    if (dropout <= 0) {
      masks_[l].clear();
      continue;
    }
    masks_[l].resize(next.size());
    const T kept = static_cast<T>(1 / (1 - dropout));
    for (std::size_t i = 0; i < next.size(); ++i) {
      masks_[l][i] = rng.uniform() < dropout ? T{0} : kept;
      next[i] *= masks_[l][i];
    }
  }
  return values_.back();
}

template <typename T>
std::span<const T> Mlp<T>::backward(std::span<const T> output_gradient) {
  if (output_gradient.size() != batch_ * shape_.outputs) throw std::invalid_argument("Mlp: batch");
  gradient_.resize(parameters_.size());
  deltas_.resize(layers());
  deltas_.back().assign(output_gradient.begin(), output_gradient.end());
  for (std::size_t l = layers(); l-- > 0;) {
    const std::size_t from = width(l), to = width(l + 1);
    const ConstMatrixMap<T> x(values_[l].data(), index(batch_), index(from));
    const ConstMatrixMap<T> delta(deltas_[l].data(), index(batch_), index(to));
    MatrixMap<T>(gradient_.data() + offsets_[l], index(from), index(to)).noalias() =
        x.transpose() * delta;
    RowMap<T>(gradient_.data() + offsets_[l] + from * to, index(to)) = delta.colwise().sum();
    if (l == 0) break;
    Block& below = deltas_[l - 1];
    below.resize(batch_ * from);
    const ConstMatrixMap<T> w(parameters_.data() + offsets_[l], index(from), index(to));
    MatrixMap<T>(below.data(), index(batch_), index(from)).noalias() = delta * w.transpose();
    const Block &values = values_[l], &mask = masks_[l - 1];
    for (std::size_t i = 0; i < below.size(); ++i) below[i] = values[i] > 0 ? below[i] : T{0};
    for (std::size_t i = 0; i < mask.size(); ++i) below[i] *= mask[i];
  }
  return gradient_;
}

AdamW::AdamW(std::size_t parameters, double weight_decay)
    : moments_{AlignedVector<float>(parameters), AlignedVector<float>(parameters)},
      weight_decay_(weight_decay) {}

void AdamW::restore(Moments moments) {
  if (moments.first.size() != moments_.first.size() ||
      moments.second.size() != moments_.second.size()) {
    throw std::invalid_argument("AdamW: moments of another network");
  }
  moments_ = std::move(moments);
}

void AdamW::step(std::span<float> parameters, std::span<const float> gradient,
                 double learning_rate) {
  constexpr float kFirst = 0.9F, kSecond = 0.999F, kEpsilon = 1e-8F;
  moments_.first_power *= static_cast<double>(kFirst);
  moments_.second_power *= static_cast<double>(kSecond);
  const auto n = index(parameters.size());
  using Array = Eigen::Array<float, Eigen::Dynamic, 1>;
  Eigen::Map<Array> p(parameters.data(), n), m(moments_.first.data(), n),
      v(moments_.second.data(), n);
  const Eigen::Map<const Array> g(gradient.data(), n);
  m = kFirst * m + (1 - kFirst) * g;
  v = kSecond * v + (1 - kSecond) * g * g;
  const auto rate = static_cast<float>(learning_rate / (1 - moments_.first_power));
  const auto correction = static_cast<float>(1 / std::sqrt(1 - moments_.second_power));
  if (weight_decay_ > 0) p *= static_cast<float>(1 - learning_rate * weight_decay_);
  p -= rate * m / (v.sqrt() * correction + kEpsilon);
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace dovetail
