#include "models/accuracy/ridge/pair_ridge.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

std::vector<RidgeExample> small_examples(std::size_t count) {
  const NetworkSpace space = small_space();
  const ChoiceFeatures features(space.decisions());
  std::vector<RidgeExample> examples;
  for (const MeasuredNetwork& n : small_data(space, count).networks) {
    examples.push_back({features.of(n.choices, space.active(n.choices)), n.top1_percent});
  }
  return examples;
}

constexpr std::size_t kFeatures = 6 * 3;

TEST(PairRidge, EqualsThePrimalSolution) {
  const auto examples = small_examples(60);
  const RidgePenalty penalty{0.7, 0.2};
  // Columns: intercept, features, pairs; the penalty of a pair is lambda / pair_weight.
  const Eigen::Index n = 60, columns = 1 + kFeatures + kFeatures * kFeatures;
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(n, columns);
  Eigen::VectorXd y(n), penalties = Eigen::VectorXd::Constant(columns, penalty.lambda);
  penalties(0) = 0;
  penalties.tail(kFeatures * kFeatures).setConstant(penalty.lambda / penalty.pair_weight);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& f = examples[static_cast<std::size_t>(i)].features;
    y(i) = examples[static_cast<std::size_t>(i)].value;
    x(i, 0) = 1;
    for (std::size_t a = 0; a < f.size(); ++a) {
      x(i, 1 + f[a]) = 1;
      for (std::size_t b = a + 1; b < f.size(); ++b) {
        x(i, static_cast<Eigen::Index>(1 + kFeatures + f[a] * kFeatures + f[b])) = 1;
      }
    }
  }
  Eigen::MatrixXd normal = x.transpose() * x;
  normal.diagonal() += penalties;
  const Eigen::VectorXd primal = normal.ldlt().solve(x.transpose() * y);

  const PairRidge ridge = fit_pair_ridge(examples, kFeatures, penalty);
  EXPECT_NEAR(ridge.intercept, primal(0), 1e-7);
  for (std::size_t f = 0; f < kFeatures; ++f) {
    EXPECT_NEAR(ridge.single[f], primal(static_cast<Eigen::Index>(1 + f)), 1e-7);
  }
  for (std::size_t p = 0; p < kFeatures * kFeatures; ++p) {
    EXPECT_NEAR(ridge.pair[p], primal(static_cast<Eigen::Index>(1 + kFeatures + p)), 1e-7);
  }
  EXPECT_NEAR(ridge.predict(examples[5].features), x.row(5).dot(primal), 1e-7);
}

TEST(PairRidge, RecoversAPairEffectThatSinglesCannot) {
  const auto examples = small_examples(150);
  const std::span<const RidgeExample> train = std::span(examples).first(120);
  const PairRidge pairs = fit_pair_ridge(train, kFeatures, {1e-3, 1});
  const PairRidge singles = fit_pair_ridge(train, kFeatures, {1e-3, 1e-12});
  double with_pairs = 0, without = 0;
  for (std::size_t i = 120; i < 150; ++i) {
    const RidgeExample& e = examples[i];
    with_pairs = std::max(with_pairs, std::abs(pairs.predict(e.features) - e.value));
    without = std::max(without, std::abs(singles.predict(e.features) - e.value));
  }
  EXPECT_LT(with_pairs, 0.1);
  EXPECT_GT(without, 0.2);
}

TEST(PairRidge, MarksWhatNoExampleHad) {
  std::vector<RidgeExample> examples;
  for (const RidgeExample& e : small_examples(150)) {
    if (e.features[1] != 3 + 2) examples.push_back(e);  // never k0 = 7
  }
  const PairRidge ridge = fit_pair_ridge(examples, kFeatures, {});
  EXPECT_FALSE(ridge.single_seen[5]);
  EXPECT_TRUE(ridge.single_seen[4]);
  EXPECT_FALSE(ridge.pair_seen[0 * kFeatures + 5]);
  EXPECT_FALSE(ridge.pair_seen[3 * kFeatures + 4]) << "two choices of one decision";
  EXPECT_TRUE(ridge.pair_seen[0 * kFeatures + 4]);
}

TEST(PairRidge, CrossValidationEqualsFitsByHand) {
  const auto examples = small_examples(41);
  const std::vector<RidgePenalty> penalties = {{0.5, 0.1}, {20, 0.01}};
  const std::vector<double> rmse = cross_validate(examples, penalties, 4);
  for (std::size_t p = 0; p < 2; ++p) {
    double squares = 0;
    for (std::size_t fold = 0; fold < 4; ++fold) {
      std::vector<RidgeExample> train;
      for (std::size_t i = 0; i < examples.size(); ++i) {
        if (i % 4 != fold) train.push_back(examples[i]);
      }
      const PairRidge ridge = fit_pair_ridge(train, kFeatures, penalties[p]);
      for (std::size_t i = fold; i < examples.size(); i += 4) {
        squares += std::pow(ridge.predict(examples[i].features) - examples[i].value, 2);
      }
    }
    EXPECT_NEAR(rmse[p], std::sqrt(squares / 41), 1e-8);
  }
  EXPECT_LT(rmse[0], rmse[1]);
}

}  // namespace
}  // namespace dovetail
