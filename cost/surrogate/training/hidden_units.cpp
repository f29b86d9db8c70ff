#include "cost/surrogate/training/hidden_units.h"

#include <Eigen/Dense>

namespace dovetail {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMap =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

}  // namespace

HiddenUnits hidden_units(const Surrogate::Impl& model, const Mlp<float>& member,
                         std::span<const Choices> network, std::span<const Choices> hardware) {
  const MlpShape& shape = member.shape();
  const std::size_t pairs = network.size();
  HiddenUnits result;
  for (const std::size_t width : shape.hidden) result.count += width;
  result.units.resize(pairs * result.count);
  result.outputs.resize(pairs * shape.outputs);
  Eigen::Map<Matrix> units(result.units.data(), index(pairs), index(result.count));
  std::vector<float> inputs(pairs * shape.inputs);
  for (std::size_t i = 0; i < pairs; ++i) {
    model.encoder.encode(network[i], hardware[i], inputs.data() + i * shape.inputs);
  }
  Matrix values = FloatMap(inputs.data(), index(pairs), index(shape.inputs)).cast<double>();
  const float* parameters = member.parameters().data();
  std::size_t from = shape.inputs, first = 0;
  for (std::size_t l = 0; l <= shape.hidden.size(); ++l) {
    const bool last = l == shape.hidden.size();
    const std::size_t to = last ? shape.outputs : shape.hidden[l];
    Matrix next = values * FloatMap(parameters, index(from), index(to)).cast<double>();
    next.rowwise() += FloatMap(parameters + from * to, 1, index(to)).cast<double>().row(0);
    parameters += from * to + to;
    from = to;
    if (last) {
      Eigen::Map<Matrix>(result.outputs.data(), index(pairs), index(to)) = next;
      break;
    }
    values = next.cwiseMax(0.0);
    units.middleCols(index(first), index(to)) = values;
    first += to;
  }
  return result;
}

}  // namespace dovetail
