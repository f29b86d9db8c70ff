#include "nas/strategy/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

Points line(std::vector<double> values) {
  return {1, std::move(values)};
}

TEST(GaussianProcess, GoesThroughItsPointsAndReturnsToTheMeanFarAway) {
  const GaussianProcess process(line({0, 0.5, 1}), std::vector<double>{1, 3, 8}, {{0.2}, 1e-8});
  const auto at = process.predict(line({0, 0.5, 1, 50}));
  const double deviation = std::sqrt((9.0 + 1 + 16) / 3);  // of the targets, mean 4
  for (const auto& [i, value] : {std::pair{0u, 1.0}, {1u, 3.0}, {2u, 8.0}, {3u, 4.0}}) {
    EXPECT_NEAR(at.means[i], value, 1e-5);
    EXPECT_NEAR(at.deviations[i], i == 3 ? deviation : 0, 1e-3);
  }
}

TEST(GaussianProcess, EqualTargetsAreBelieved) {
  const GaussianProcess process(line({0, 1}), std::vector<double>{10, 10}, {{0.2}, 1e-4});
  EXPECT_NEAR(process.predict(line({0.4})).means[0], 10, 1e-9);
}

/// Two points of targets -1 and 1: mean (a - b) / (1 - k + noise) in closed form.
TEST(GaussianProcess, TwoPointsAreAsInClosedForm) {
  const double length = 0.4, noise = 0.01;
  const GaussianProcess process(line({0, 1}), std::vector<double>{-1, 1}, {{length}, noise});
  const auto matern = [&](double distance) {
    const double r = std::sqrt(5.0) * distance / length;
    return (1 + r + r * r / 3) * std::exp(-r);
  };
  const auto at = process.predict(line({0.8}));
  const double a = matern(0.8), b = matern(0.2), k = matern(1), d = 1 + noise;
  EXPECT_NEAR(at.means[0], (b - a) / (d - k), 1e-12);
  const double variance = 1 - (d * (a * a + b * b) - 2 * k * a * b) / (d * d - k * k);
  EXPECT_NEAR(at.deviations[0], std::sqrt(variance), 1e-12);
  // The density of two normal variables of covariance k.
  const double determinant = d * d - k * k;
  EXPECT_NEAR(process.log_marginal_likelihood(),
              -(d + k) / determinant - 0.5 * std::log(determinant) - std::log(2 * M_PI), 1e-12);
}

TEST(GaussianProcess, ALongLengthScaleMakesANumberIndifferent) {
  const Points points{2, {0, 0, 0, 1, 1, 0, 1, 1}};
  const std::vector<double> target{0, 0, 5, 5};  // the first number alone
  const GaussianProcess process(points, target, {{0.5, 1000}, 1e-6});
  const auto at = process.predict({2, {0, 0.5, 1, 0.2}});
  EXPECT_NEAR(at.means[0], 0, 0.01);
  EXPECT_NEAR(at.means[1], 5, 0.01);
}

TEST(GaussianProcess, BelievingIsFittingWithOnePointMore) {
  const Points candidates = line({0.1, 0.35, 0.7});
  const GaussianProcess process(line({0, 0.5, 1}), std::vector<double>{0.3, -1, 2}, {{0.4}, 0.01});
  auto believed = process.predict(candidates);
  const auto before = believed;
  process.believe(believed, 1);
  process.believe(believed, 2);
  // In units of its own targets' deviation, a process does not depend on them.
  const std::vector<double> others{0.3, -1, 2, 0, 0};
  const GaussianProcess fitted(line({0, 0.5, 1, 0.35, 0.7}), others, {{0.4}, 0.01});
  const auto expected = fitted.predict(candidates);
  const double far = fitted.predict(line({1e6})).deviations[0];
  const double own = process.predict(line({1e6})).deviations[0];
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(believed.deviations[i] / own, expected.deviations[i] / far, 1e-9);
    EXPECT_EQ(believed.means[i], before.means[i]);
  }
}

struct Sample {
  Points points;
  std::vector<double> target;
};

/// The first of three numbers counts, the second a little, the third not at all.
Sample sample(std::size_t count, double noise) {
  Rng rng(1);
  Sample sample{{3, {}}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const double a = rng.uniform(), b = rng.uniform();
    sample.points.append({3, {a, b, rng.uniform()}});
    sample.target.push_back(std::sin(6 * a) + 0.2 * b + noise * rng.normal());
  }
  return sample;
}

TEST(KernelFit, GradientIsThatOfFiniteDifferences) {
  const Sample data = sample(25, 0.1);
  for (const KernelFit& fit :
       {KernelFit{{0, 1, 2}, 3}, KernelFit{{0, 1, 1}, 2}, KernelFit{{0, 0, 0}, 1}}) {
    std::vector<double> at;
    for (std::size_t i = 0; i < fit.groups; ++i) at.push_back(-0.5 + 0.4 * static_cast<double>(i));
    at.push_back(-3);
    const KernelPosterior here = kernel_posterior(data.points, data.target, fit, at);
    for (std::size_t i = 0; i < at.size(); ++i) {
      constexpr double kStep = 1e-5;
      std::vector<double> up = at, down = at;
      up[i] += kStep;
      down[i] -= kStep;
      const double slope = (kernel_posterior(data.points, data.target, fit, up).log_density -
                            kernel_posterior(data.points, data.target, fit, down).log_density) /
                           (2 * kStep);
      EXPECT_NEAR(here.gradient[i], slope, 1e-5 * std::max(1.0, std::abs(slope))) << i;
    }
  }
}

TEST(KernelFit, FindsWhatCountsAndTellsNoiseFromSignal) {
  const KernelFit fit{{0, 1, 2}, 3, 100};
  const Sample smooth = sample(60, 0), noisy = sample(60, 0.5);
  const KernelSettings clean = fit_kernel(smooth.points, smooth.target, fit, {});
  EXPECT_LT(clean.lengths[0], clean.lengths[1]);
  EXPECT_LT(clean.lengths[1], clean.lengths[2]);
  EXPECT_LT(clean.noise, fit_kernel(noisy.points, noisy.target, fit, {}).noise);
}

TEST(KernelFit, EndsWhereTheSlopeIsNothingAndNumbersOfAGroupShareALength) {
  const Sample data = sample(40, 0.1);
  const KernelFit fit{{0, 1, 1}, 2, 200};
  const KernelSettings found = fit_kernel(data.points, data.target, fit, {});
  EXPECT_EQ(found.lengths[1], found.lengths[2]);
  const std::vector<double> at{std::log(found.lengths[0]), std::log(found.lengths[1]),
                               std::log(found.noise)};
  for (const double slope : kernel_posterior(data.points, data.target, fit, at).gradient) {
    EXPECT_NEAR(slope, 0, 0.3);
  }
}

TEST(PointEncoding, OrderCountsAndWhatHasNoEffectDoesNot) {
  const ToyDomain domain;
  Choices low(13, 0), near(13, 0), far(13, 0), same(13, 0);
  near[1] = 1;
  far[1] = 7;
  same.back() = 5;  // no effect while x1 is 0
  const Points points = PointEncoding(domain).encode(std::vector{low, near, far, same});
  const auto distance = [&](std::size_t a, std::size_t b) {
    double square = 0;
    for (std::size_t i = 0; i < points.width; ++i) {
      square +=
          std::pow(points.numbers[a * points.width + i] - points.numbers[b * points.width + i], 2);
    }
    return std::sqrt(square);
  };
  EXPECT_NEAR(distance(0, 2), 1, 1e-12);
  EXPECT_NEAR(distance(0, 1), 1.0 / 7, 1e-12);
  EXPECT_EQ(distance(0, 3), 0);
}

TEST(PointEncoding, ChoicesWithoutOrderAreEquallyFarApart) {
  class Letters : public SearchDomain {
   public:
    const DecisionSpace& decisions() const override { return decisions_; }

   private:
    DecisionSpace decisions_{{{"a", "", {"x", "y", "z"}, {}}, {"b", "", {"1", "2"}, {1, 2}}}};
  } domain;
  const PointEncoding encoding(domain);
  EXPECT_EQ(encoding.decision_of(), (std::vector<std::size_t>{0, 0, 0, 1}));
  const Points points = encoding.encode(std::vector<Choices>{{0, 1}, {2, 1}});
  double square = 0;
  for (std::size_t i = 0; i < 4; ++i)
    square += std::pow(points.numbers[i] - points.numbers[4 + i], 2);
  EXPECT_NEAR(square, 1, 1e-12);
}

}  // namespace
}  // namespace dovetail
