#include "cost/surrogate/net/packed_mlp.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace dovetail {
namespace {

// Vectors of the build's instruction set; Eigen knows them all.
using Packet = Eigen::internal::packet_traits<float>::type;
constexpr std::size_t kLanes = Eigen::internal::packet_traits<float>::size;
using Eigen::internal::padd;
using Eigen::internal::pload;
using Eigen::internal::pmadd;
using Eigen::internal::pmax;
using Eigen::internal::predux;
using Eigen::internal::pset1;
using Eigen::internal::pstore;

/// Outputs of a panel: two vectors, so that a panel of 256 inputs stays in the first-level cache.
constexpr std::size_t kPanel = 2 * kLanes;
/// Rows of a tile: its sums, two vectors of weights and one input fill the registers.
constexpr std::size_t kTileRows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 12 : 6;
constexpr std::size_t kSmallTileRows = kTileRows / 3;
/// Rows that go through all layers together: whole tiles; their values stay in the second-level
/// cache.
constexpr std::size_t kBlockRows = 8 * kTileRows;

std::size_t round_up(std::size_t n, std::size_t to) {
  return (n + to - 1) / to * to;
}

/// relu(x * panel + biases) for `Rows` rows; x is row-major with `x_stride`, y likewise.
template <std::size_t Rows>
void multiply_tile(const float* x, std::size_t x_stride, const float* panel, std::size_t inputs,
                   const float* biases, float* y, std::size_t y_stride) {
  Packet left[Rows], right[Rows];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < Rows; ++r) {
    left[r] = pload<Packet>(biases);
    right[r] = pload<Packet>(biases + kLanes);
  }
  for (std::size_t k = 0; k < inputs; ++k) {
    const Packet w_left = pload<Packet>(panel + k * kPanel);
    const Packet w_right = pload<Packet>(panel + k * kPanel + kLanes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < Rows; ++r) {
      const Packet value = pset1<Packet>(x[r * x_stride + k]);
      left[r] = pmadd(value, w_left, left[r]);
      right[r] = pmadd(value, w_right, right[r]);
    }
  }
  const Packet zero = pset1<Packet>(0.0F);
#pragma GCC unroll 16
  for (std::size_t r = 0; r < Rows; ++r) {
    pstore(y + r * y_stride, pmax(left[r], zero));
    pstore(y + r * y_stride + kLanes, pmax(right[r], zero));
  }
}

/// The inputs of a row that are not 0; leaving out the others changes no bit of a sum.
struct NonZero {
  std::vector<std::uint32_t> at;
  std::vector<float> value;
  std::size_t count = 0;

  void find(const float* x, std::size_t inputs) {
    at.resize(inputs + 1);
    value.resize(inputs + 1);
    count = 0;
    for (std::size_t k = 0; k < inputs; ++k) {
      at[count] = static_cast<std::uint32_t>(k);
      value[count] = x[k];
      count += x[k] != 0 ? 1 : 0;
    }
  }
};

/// relu(x * panels + biases) for one row, where reading the weights takes the time: those of inputs
/// that are 0 are left out. Panels stand `panel_size` apart.
template <std::size_t Panels>
void multiply_row(const NonZero& x, const float* panels, std::size_t panel_size,
                  const float* biases, float* y) {
  constexpr std::size_t kVectors = 2 * Panels;
  Packet sums[kVectors];
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kVectors; ++v) sums[v] = pload<Packet>(biases + v * kLanes);
  for (std::size_t i = 0; i < x.count; ++i) {
    const float* weights = panels + x.at[i] * kPanel;
    const Packet value = pset1<Packet>(x.value[i]);
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = pmadd(value, pload<Packet>(weights + v / 2 * panel_size + v % 2 * kLanes), sums[v]);
    }
  }
  const Packet zero = pset1<Packet>(0.0F);
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kVectors; ++v) pstore(y + v * kLanes, pmax(sums[v], zero));
}

/// One row through all panels of a layer, `Panels` of them at a time.
template <std::size_t Panels>
void multiply_whole_row(const NonZero& x, const float* weights, std::size_t inputs,
                        std::size_t panels, const float* biases, float* y) {
  const std::size_t size = inputs * kPanel;
  std::size_t p = 0;
  for (; p + Panels <= panels; p += Panels) {
    multiply_row<Panels>(x, weights + p * size, size, biases + p * kPanel, y + p * kPanel);
  }
  for (; p < panels; ++p) {
    multiply_row<1>(x, weights + p * size, size, biases + p * kPanel, y + p * kPanel);
  }
}

/// All rows of a block through a layer: encoded choices, of which few are not 0.
void multiply_sparse(const float* x, std::size_t rows, const float* weights, std::size_t inputs,
                     std::size_t panels, const float* biases, float* y) {
  const std::size_t width = panels * kPanel, size = inputs * kPanel;
  thread_local std::vector<NonZero> found;
  if (found.size() < rows) found.resize(rows);
  for (std::size_t r = 0; r < rows; ++r) found[r].find(x + r * inputs, inputs);
  if (rows == 1) return multiply_whole_row<4>(found[0], weights, inputs, panels, biases, y);
  std::size_t p = 0;
  for (; p + 2 <= panels; p += 2) {
    for (std::size_t r = 0; r < rows; ++r) {
      multiply_row<2>(found[r], weights + p * size, size, biases + p * kPanel,
                      y + r * width + p * kPanel);
    }
  }
  for (; p < panels; ++p) {
    for (std::size_t r = 0; r < rows; ++r) {
      multiply_row<1>(found[r], weights + p * size, size, biases + p * kPanel,
                      y + r * width + p * kPanel);
    }
  }
}

/// All rows of a block through a layer, in tiles and what is left over row by row.
void multiply_dense(const float* x, std::size_t stride, std::size_t rows, const float* weights,
                    std::size_t inputs, std::size_t panels, const float* biases, float* y) {
  const std::size_t width = panels * kPanel;
  std::size_t tiled = 0;
  for (std::size_t p = 0; p < panels; ++p) {
    const float* panel = weights + p * inputs * kPanel;
    const float* b = biases + p * kPanel;
    std::size_t r = 0;
    for (; r + kTileRows <= rows; r += kTileRows) {
      multiply_tile<kTileRows>(x + r * stride, stride, panel, inputs, b, y + r * width + p * kPanel,
                               width);
    }
    for (; r + kSmallTileRows <= rows; r += kSmallTileRows) {
      multiply_tile<kSmallTileRows>(x + r * stride, stride, panel, inputs, b,
                                    y + r * width + p * kPanel, width);
    }
    tiled = r;
  }
  thread_local NonZero found;
  for (std::size_t r = tiled; r < rows; ++r) {
    found.find(x + r * stride, inputs);
    multiply_whole_row<4>(found, weights, inputs, panels, biases, y + r * width);
  }
}

/// Adds the products of one row's units with each output's weights, [output][unit].
void add_readout(const float* x, std::size_t width, const AlignedVector<float>& weights,
                 std::size_t outputs, float* y) {
  for (std::size_t o = 0; o < outputs; ++o) {
    const float* w = weights.data() + o * width;
    Packet even = pset1<Packet>(0.0F), odd = even;
    for (std::size_t k = 0; k < width; k += kPanel) {
      even = pmadd(pload<Packet>(x + k), pload<Packet>(w + k), even);
      odd = pmadd(pload<Packet>(x + k + kLanes), pload<Packet>(w + k + kLanes), odd);
    }
    y[o] += predux(padd(even, odd));
  }
}

}  // namespace

PackedMlp::Layer::Layer(const float* row_major, std::size_t from, std::size_t to)
    : inputs(from),
      panels(round_up(to, kPanel) / kPanel),
      weights(panels * from * kPanel),
      biases(panels * kPanel) {
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t first = p * kPanel, count = std::min(kPanel, to - first);
    for (std::size_t k = 0; k < from; ++k) {
      std::copy_n(row_major + k * to + first, count, weights.data() + (p * from + k) * kPanel);
    }
  }
  std::copy_n(row_major + from * to, to, biases.data());
}

std::size_t PackedMlp::Layer::width() const {
  return panels * kPanel;
}

AlignedVector<float> PackedMlp::make_readout(const float* row_major, std::size_t units,
                                             std::size_t width) const {
  AlignedVector<float> readout(outputs_ * width);
  for (std::size_t u = 0; u < units; ++u) {
    for (std::size_t o = 0; o < outputs_; ++o) {
      readout[o * width + u] = row_major[u * outputs_ + o];
    }
  }
  return readout;
}

PackedMlp::PackedMlp(const Mlp<float>& network, std::span<const float> skips)
    : inputs_(network.shape().inputs), outputs_(network.shape().outputs) {
  const std::vector<std::size_t>& hidden = network.shape().hidden;
  const float* parameters = network.parameters().data();
  std::size_t from = inputs_, skipped = 0;
  for (std::size_t l = 0; l < hidden.size(); ++l) {
    const std::size_t to = hidden[l];
    Layer& layer = layers_.emplace_back(parameters, from, to);
    parameters += from * to + to;
    from = to;
    if (skips.empty() || l + 1 == hidden.size()) continue;
    if (skips.size() < (skipped + to) * outputs_) throw std::invalid_argument("PackedMlp: skips");
    layer.readout = make_readout(skips.data() + skipped * outputs_, to, layer.width());
    skipped += to;
  }
  if (skips.size() != skipped * outputs_) throw std::invalid_argument("PackedMlp: skips");
  if (layers_.empty()) {
    direct_ = make_readout(parameters, from, round_up(from, kPanel));
  } else {
    layers_.back().readout = make_readout(parameters, from, layers_.back().width());
  }
  parameters += from * outputs_;
  biases_.assign(parameters, parameters + outputs_);
}

void PackedMlp::predict(std::span<const float> inputs, std::size_t rows,
                        std::vector<float>& outputs) const {
  if (inputs.size() != rows * inputs_) throw std::invalid_argument("PackedMlp: batch size");
  outputs.resize(rows * outputs_);
  std::size_t widest = 0;
  for (const Layer& layer : layers_) widest = std::max(widest, layer.width());
  const std::size_t block = std::min(rows, kBlockRows);
  AlignedVector<float> values(std::max(block * widest, round_up(inputs_, kPanel))),
      next(block * widest);
  for (std::size_t begin = 0; begin < rows; begin += kBlockRows) {
    predict_block(inputs.data() + begin * inputs_, std::min(kBlockRows, rows - begin),
                  outputs.data() + begin * outputs_, values, next);
  }
}

void PackedMlp::predict_block(const float* inputs, std::size_t rows, float* outputs,
                              AlignedVector<float>& values, AlignedVector<float>& next) const {
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy(biases_.begin(), biases_.end(), outputs + r * outputs_);
  }
  if (layers_.empty()) {
    const std::size_t width = direct_.size() / outputs_;
    for (std::size_t r = 0; r < rows; ++r) {
      std::fill(values.begin(), values.end(), 0.0F);
      std::copy_n(inputs + r * inputs_, inputs_, values.data());
      add_readout(values.data(), width, direct_, outputs_, outputs + r * outputs_);
    }
  }
  std::size_t stride = 0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    if (l == 0) {
      multiply_sparse(inputs, rows, layer.weights.data(), layer.inputs, layer.panels,
                      layer.biases.data(), next.data());
    } else {
      multiply_dense(values.data(), stride, rows, layer.weights.data(), layer.inputs, layer.panels,
                     layer.biases.data(), next.data());
    }
    values.swap(next);
    stride = layer.width();
    if (layer.readout.empty()) continue;
    for (std::size_t r = 0; r < rows; ++r) {
      add_readout(values.data() + r * stride, stride, layer.readout, outputs_,
                  outputs + r * outputs_);
    }
  }
}

}  // namespace dovetail
