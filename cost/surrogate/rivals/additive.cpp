#include "cost/surrogate/rivals/additive.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "base/text/error.h"

namespace dovetail {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Against the collinear inputs, as a share of the mean diagonal; too small to bias a fit of
/// hundreds of rows.
constexpr double kRidge = 1e-6;
/// Rows whose inputs are held at once.
constexpr std::size_t kBlockRows = 1024;

}  // namespace

AdditiveRival::AdditiveRival(const SpaceDescription& network, const SpaceDescription& hardware,
                             AdditiveTarget target)
    : encoder_(network, hardware), target_(target) {}

void AdditiveRival::fit(const Dataset& labels) {
  if (labels.feasible_rows() == 0) throw InputError("no feasible row to fit an additive model to");
  const std::size_t width = encoder_.width() + 1;
  std::vector<float> inputs(width, 1);
  Matrix block = Matrix::Zero(kBlockRows, static_cast<Eigen::Index>(width));
  entries_.assign(width * kPredictedCosts, 0);
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    // Normal equations, block by block. A weight of 1 / cost^2 turns the target into 1 and each
    // input x into x / cost.
    Matrix products = Matrix::Zero(block.cols(), block.cols());
    Eigen::VectorXd sums = Eigen::VectorXd::Zero(block.cols());
    Eigen::VectorXd targets = Eigen::VectorXd::Zero(kBlockRows);
    Eigen::Index filled = 0;
    const auto flush = [&] {
      const auto rows = block.topRows(filled);
      products.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose());
      sums += rows.transpose() * targets.head(filled);
      filled = 0;
    };
    for (std::size_t r = 0; r < labels.rows(); ++r) {
      if (!labels.label(r).feasible()) continue;
      const double cost = predicted_costs()[c].of(labels.label(r));
      const bool logs = target_ == AdditiveTarget::kLogCost;
      encoder_.encode(labels.network(r), labels.hardware(r), inputs.data());
      const double scale = logs ? 1 : 1 / cost;
      for (std::size_t i = 0; i < width; ++i) {
        block(filled, static_cast<Eigen::Index>(i)) = scale * static_cast<double>(inputs[i]);
      }
      targets[filled] = logs ? std::log(cost) : 1;
      if (++filled == block.rows()) flush();
    }
    if (filled > 0) flush();
    products.diagonal().array() += kRidge * products.diagonal().mean();
    const Eigen::VectorXd solution = products.selfadjointView<Eigen::Lower>().ldlt().solve(sums);
    for (std::size_t i = 0; i < width; ++i) {
      entries_[i * kPredictedCosts + c] =
          static_cast<float>(solution[static_cast<Eigen::Index>(i)]);
    }
  }
}

std::vector<CostPrediction> AdditiveRival::predict(std::span<const Choices> network,
                                                   std::span<const Choices> hardware) const {
  std::vector<CostPrediction> predictions(network.size());
  std::vector<float> inputs(encoder_.width() + 1, 1);
  const Eigen::Map<const FloatMatrix> entries(entries_.data(),
                                              static_cast<Eigen::Index>(inputs.size()),
                                              static_cast<Eigen::Index>(kPredictedCosts));
  const Eigen::Map<const Eigen::RowVectorXf> row(inputs.data(), entries.rows());
  for (std::size_t i = 0; i < network.size(); ++i) {
    encoder_.encode(network[i], hardware[i], inputs.data());
    const Eigen::Matrix<float, 1, static_cast<int>(kPredictedCosts)> sums = row * entries;
    for (std::size_t c = 0; c < kPredictedCosts; ++c) {
      const auto sum = static_cast<double>(sums[static_cast<Eigen::Index>(c)]);
      predicted_costs()[c].set(target_ == AdditiveTarget::kLogCost ? std::exp(sum) : sum,
                               predictions[i].costs);
    }
  }
  return predictions;
}

}  // namespace dovetail
