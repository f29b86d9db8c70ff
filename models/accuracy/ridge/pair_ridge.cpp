#include "models/accuracy/ridge/pair_ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/text/error.h"

namespace dovetail {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Index index(std::size_t n) {
  return static_cast<Index>(n);
}

/// Number of features that two ascending lists share.
int shared(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b) {
  int count = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++count, ++i, ++j;
    } else {
      ++(a[i] < b[j] ? i : j);
    }
  }
  return count;
}

/// Shared features of every example with every other.
MatrixXd shared_matrix(std::span<const RidgeExample> examples) {
  MatrixXd s(index(examples.size()), index(examples.size()));
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      s(index(i), index(j)) = s(index(j), index(i)) =
          shared(examples[i].features, examples[j].features);
    }
  }
  return s;
}

MatrixXd kernel(const MatrixXd& s, double pair_weight) {
  return s.array() + pair_weight / 2 * s.array() * (s.array() - 1);
}

struct Dual {
  VectorXd alpha;
  double intercept = 0;
};

/// (K + lambda I) alpha = y - intercept, sum(alpha) = 0.
Dual solve(MatrixXd k, const VectorXd& y, double lambda) {
  k.diagonal().array() += lambda;
  const Eigen::LLT<Eigen::Ref<MatrixXd>> cholesky(k);
  if (cholesky.info() != Eigen::Success) {
    throw RunError("ridge fit: the kernel matrix is not positive definite; raise lambda");
  }
  const VectorXd a = cholesky.solve(y);
  const VectorXd ones = cholesky.solve(VectorXd::Ones(y.size()));
  Dual dual;
  dual.intercept = a.sum() / ones.sum();
  dual.alpha = a - dual.intercept * ones;
  return dual;
}

VectorXd values_of(std::span<const RidgeExample> examples) {
  VectorXd y(index(examples.size()));
  for (std::size_t i = 0; i < examples.size(); ++i) y(index(i)) = examples[i].value;
  return y;
}

}  // namespace

ChoiceFeatures::ChoiceFeatures(const DecisionSpace& space) {
  for (const Decision& d : space.decisions()) {
    first_.push_back(count_);
    count_ += d.choices.size();
  }
}

std::vector<std::uint16_t> ChoiceFeatures::of(const Choices& choices,
                                              const std::vector<bool>& active) const {
  std::vector<std::uint16_t> features;
  features.reserve(choices.size());
  for (std::size_t d = 0; d < choices.size(); ++d) {
    if (active[d]) features.push_back(static_cast<std::uint16_t>(index(d, choices[d])));
  }
  return features;
}

PairRidge PairRidge::zero(std::size_t features) {
  PairRidge ridge;
  ridge.features = features;
  ridge.single.assign(features, 0);
  ridge.pair.assign(features * features, 0);
  ridge.single_seen.assign(features, false);
  ridge.pair_seen.assign(features * features, false);
  return ridge;
}

double PairRidge::predict(std::span<const std::uint16_t> active) const {
  double sum = intercept;
  for (std::size_t i = 0; i < active.size(); ++i) {
    sum += single[active[i]];
    const double* row = pair.data() + active[i] * features;
    for (std::size_t j = i + 1; j < active.size(); ++j) sum += row[active[j]];
  }
  return sum;
}

PairRidge fit_pair_ridge(std::span<const RidgeExample> examples, std::size_t features,
                         const RidgePenalty& penalty) {
  const Dual dual = solve(kernel(shared_matrix(examples), penalty.pair_weight), values_of(examples),
                          penalty.lambda);
  PairRidge ridge = PairRidge::zero(features);
  ridge.intercept = dual.intercept;
  for (std::size_t n = 0; n < examples.size(); ++n) {
    const auto& active = examples[n].features;
    const double alpha = dual.alpha(index(n));
    for (std::size_t i = 0; i < active.size(); ++i) {
      ridge.single[active[i]] += alpha;
      ridge.single_seen[active[i]] = true;
      for (std::size_t j = i + 1; j < active.size(); ++j) {
        const std::size_t at = active[i] * features + active[j];
        ridge.pair[at] += penalty.pair_weight * alpha;
        ridge.pair_seen[at] = true;
      }
    }
  }
  return ridge;
}

std::vector<double> cross_validate(std::span<const RidgeExample> examples,
                                   std::span<const RidgePenalty> penalties, std::size_t folds) {
  const MatrixXd s = shared_matrix(examples);
  const VectorXd y = values_of(examples);
  std::vector<double> squares(penalties.size(), 0);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<Index> train, test;
    for (std::size_t i = 0; i < examples.size(); ++i) {
      (i % folds == fold ? test : train).push_back(index(i));
    }
    const MatrixXd s_train = s(train, train), s_test = s(test, train);
    const VectorXd y_train = y(train), y_test = y(test);
    for (std::size_t p = 0; p < penalties.size(); ++p) {
      const double pair_weight = penalties[p].pair_weight;
      const Dual dual = solve(kernel(s_train, pair_weight), y_train, penalties[p].lambda);
      const VectorXd predicted =
          (kernel(s_test, pair_weight) * dual.alpha).array() + dual.intercept;
      squares[p] += (predicted - y_test).squaredNorm();
    }
  }
  for (double& s2 : squares) s2 = std::sqrt(s2 / static_cast<double>(examples.size()));
  return squares;
}

RidgePenalty best_penalty(std::span<const RidgeExample> examples,
                          std::span<const RidgePenalty> penalties, std::size_t folds) {
  const std::vector<double> errors = cross_validate(examples, penalties, folds);
  return penalties[static_cast<std::size_t>(std::ranges::min_element(errors) - errors.begin())];
}

}  // namespace dovetail
