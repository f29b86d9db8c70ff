#include "nas/strategy/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

std::vector<Point> line(std::initializer_list<double> values) {
  std::vector<Point> points;
  for (const double value : values) points.push_back({value});
  return points;
}

TEST(GaussianProcess, GoesThroughItsPointsAndReturnsToTheMeanFarAway) {
  const GaussianProcess process(line({0, 0.5, 1}), {{1, 3, 8}, {10, 10, 10}}, {0.2, 1e-8});
  const auto at = process.predict(line({0, 0.5, 1, 50}));
  for (const auto& [i, value] : {std::pair{0u, 1.0}, {1u, 3.0}, {2u, 8.0}, {3u, 4.0}}) {
    EXPECT_NEAR(at.means[0][i], value, 1e-5);
    EXPECT_NEAR(at.means[1][i], 10, 1e-9);  // all targets the same
    EXPECT_NEAR(at.variances[i], i == 3 ? 1 : 0, 1e-6);
  }
}

/// Two points of targets -1 and 1: mean (a - b) / (1 - k + noise) in closed form.
TEST(GaussianProcess, TwoPointsAreAsInClosedForm) {
  const double length = 0.4, noise = 0.01;
  const GaussianProcess process(line({0, 1}), {{-1, 1}}, {length, noise});
  const auto matern = [&](double distance) {
    const double r = std::sqrt(5.0) * distance / length;
    return (1 + r + r * r / 3) * std::exp(-r);
  };
  const auto at = process.predict(line({0.8}));
  const double a = matern(0.8), b = matern(0.2), k = matern(1);
  EXPECT_NEAR(at.means[0][0], (b - a) / (1 + noise - k), 1e-12);
  const double d = 1 + noise;
  EXPECT_NEAR(at.variances[0], 1 - (d * (a * a + b * b) - 2 * k * a * b) / (d * d - k * k), 1e-12);
}

TEST(GaussianProcess, BelievingIsFittingWithOnePointMore) {
  const std::vector<Point> candidates = line({0.1, 0.35, 0.7});
  const GaussianProcess process(line({0, 0.5, 1}), {{0.3, -1, 2}}, {0.4, 0.01});
  auto believed = process.predict(candidates);
  process.believe(believed, 1);
  process.believe(believed, 2);
  // Variances do not depend on targets.
  const GaussianProcess fitted(line({0, 0.5, 1, 0.35, 0.7}), {{0.3, -1, 2, 0, 0}}, {0.4, 0.01});
  const auto expected = fitted.predict(candidates);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(believed.variances[i], expected.variances[i], 1e-12);
  }
}

TEST(GaussianProcess, FitTellsNoiseFromSignal) {
  std::vector<Point> points;
  std::vector<double> smooth, noisy;
  Rng rng(1);
  for (int i = 0; i < 60; ++i) {
    points.push_back({i / 59.0});
    smooth.push_back(std::sin(4 * points.back()[0]));
    noisy.push_back(smooth.back() + 0.5 * rng.normal());
  }
  EXPECT_LT(GaussianProcess::fit(points, smooth).noise, GaussianProcess::fit(points, noisy).noise);
}

TEST(EncodePoints, OrderCountsAndWhatHasNoEffectDoesNot) {
  const ToyDomain domain;
  Choices low(13, 0), near(13, 0), far(13, 0), same(13, 0);
  near[1] = 1;
  far[1] = 7;
  same.back() = 5;  // no effect while x1 is 0
  const std::vector<Point> points = encode_points(domain, {low, near, far, same});
  const auto distance = [&](std::size_t a, std::size_t b) {
    double square = 0;
    for (std::size_t i = 0; i < points[a].size(); ++i) {
      square += (points[a][i] - points[b][i]) * (points[a][i] - points[b][i]);
    }
    return std::sqrt(square);
  };
  EXPECT_NEAR(distance(0, 2), 1 / std::sqrt(13.0), 1e-12);
  EXPECT_NEAR(distance(0, 1), distance(0, 2) / 7, 1e-12);
  EXPECT_EQ(distance(0, 3), 0);
}

}  // namespace
}  // namespace dovetail
