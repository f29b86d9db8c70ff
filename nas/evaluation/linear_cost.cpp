#include "nas/evaluation/linear_cost.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/numbers/random.h"
#include "cost/figures/figures.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {
namespace {

constexpr double kRidge = 1e-3;
constexpr std::size_t kFolds = 10;

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Of the examples that `use` says, least squares with a small penalty on all but the intercept.
VectorXd fit(const MatrixXd& features, const VectorXd& costs, const std::vector<bool>& use) {
  MatrixXd normal = MatrixXd::Zero(features.cols(), features.cols());
  VectorXd right = VectorXd::Zero(features.cols());
  for (Index i = 0; i < features.rows(); ++i) {
    if (!use[static_cast<std::size_t>(i)]) continue;
    normal += features.row(i).transpose() * features.row(i);
    right += features.row(i).transpose() * costs[i];
  }
  normal.diagonal().head(features.cols() - 1).array() += kRidge;
  return normal.ldlt().solve(right);
}

/// Of the constraints on costs that have to be predicted, the samples' figures.
bool is_predicted(const Constraint& constraint) {
  return !constraint.metric->maximise && constraint.metric->key != "area_mm2";
}

}  // namespace

std::vector<double> LinearCost::features(const Choices& choices) const {
  const DecisionSpace& space = domain_.decisions();
  const Choices canonical = domain_.canonical(choices);
  std::vector<double> features;
  for (std::size_t d = 0; d < space.size(); ++d) {
    for (std::size_t c = 0; c < space[d].choices.size(); ++c) {
      features.push_back(c == canonical[d] ? 1 : 0);
    }
  }
  features.push_back(1);
  return features;
}

LinearCost::LinearCost(const SearchDomain& domain, std::span<const Choices> candidates,
                       std::span<const double> costs)
    : domain_(domain) {
  const auto count = static_cast<Index>(candidates.size());
  MatrixXd rows;
  for (Index i = 0; i < count; ++i) {
    const std::vector<double> row = features(candidates[static_cast<std::size_t>(i)]);
    if (i == 0) rows.resize(count, static_cast<Index>(row.size()));
    rows.row(i) = Eigen::Map<const Eigen::RowVectorXd>(row.data(), rows.cols());
  }
  const VectorXd targets = Eigen::Map<const VectorXd>(costs.data(), count);
  double squares = 0;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<bool> use;
    for (std::size_t i = 0; i < candidates.size(); ++i) use.push_back(i % kFolds != fold);
    const VectorXd weights = fit(rows, targets, use);
    for (Index i = 0; i < count; ++i) {
      if (use[static_cast<std::size_t>(i)]) continue;
      squares += std::pow(rows.row(i).dot(weights) / targets[i] - 1, 2);
    }
  }
  rmspe_percent_ = 100 * std::sqrt(squares / static_cast<double>(count));
  const VectorXd weights = fit(rows, targets, std::vector<bool>(candidates.size(), true));
  weights_.assign(weights.begin(), weights.end());
}

double LinearCost::operator()(const Choices& choices) const {
  const std::vector<double> row = features(choices);
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += row[i] * weights_[i];
  return sum;
}

PredictedDomain::PredictedDomain(const SearchDomain& domain,
                                 std::span<const Constraint> constraints, const CostsOf& costs_of,
                                 std::size_t samples, std::uint64_t seed)
    : WrappedDomain(domain) {
  Rng rng(seed, 0x6c696e656172);
  std::vector<Choices> candidates;
  std::vector<Costs> costs;
  for (std::size_t i = 0; i < samples; ++i) {
    Choices choices = domain.sample(rng);
    const Costs its = costs_of(choices);
    if (!its.feasible()) continue;  // nothing to learn a cost from
    candidates.push_back(std::move(choices));
    costs.push_back(its);
  }
  if (candidates.empty()) return;
  for (const Constraint& constraint : constraints) {
    if (!is_predicted(constraint)) continue;
    std::vector<double> values;
    for (const Costs& its : costs) values.push_back(constraint.metric->of(its));
    limits_.push_back(
        {constraint.metric, constraint.limit, LinearCost(domain, candidates, values)});
  }
}

std::optional<double> PredictedDomain::predicted_violation(const Choices& choices) const {
  double violation = WrappedDomain::predicted_violation(choices).value_or(0);
  for (const Limit& limit : limits_) {
    violation += std::max(0.0, limit.model(choices) / limit.limit - 1);
  }
  return violation;
}

}  // namespace dovetail
