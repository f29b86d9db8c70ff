#include "nas/experiments/gradient/gradient_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"
#include "tests/nas/experiments/gradient/tiny_problem.h"

namespace dovetail::test {
namespace {

std::vector<double> one_hot(const DecisionSpace& decisions, const Choices& choices) {
  const ChoiceFeatures features(decisions);
  std::vector<double> probabilities(features.count(), 0);
  for (std::size_t d = 0; d < choices.size(); ++d) probabilities[features.index(d, choices[d])] = 1;
  return probabilities;
}

/// The loss of whole choices, from the figures themselves.
double loss_of(TinyGradientProblem& tiny, const Choices& pair, double lambda) {
  return -tiny.problem().top1_percent(pair) + lambda * std::log(tiny.costs().latency_ms(pair));
}

/// All pairs within the area.
std::vector<Choices> allowed_pairs(TinyGradientProblem& tiny) {
  std::vector<Choices> pairs;
  for (std::uint64_t i = 0; i < *tiny.space().decisions().count(); ++i) {
    Choices pair = tiny.space().decisions().from_index(i);
    if (tiny.problem().area_mm2(pair) <= tiny.problem().max_area_mm2()) {
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

TEST(GradientSearch, GradientOfTheLossIsThatOfFiniteDifferences) {
  TinyGradientProblem tiny(20);
  for (const LatencyLoss form : {LatencyLoss::kLogarithm, LatencyLoss::kRelative}) {
    GradientSearchOptions options;
    options.latency_loss = form;
    options.lambda = 3;
    options.target_latency_ms = 0.02;
    Rng rng(4);
    std::vector<double> point(tiny.problem().features());
    for (double& p : point) p = rng.uniform();
    std::vector<double> gradient(point.size(), 0), unused(point.size(), 0);
    add_loss_gradient(tiny.problem(), tiny.costs(), options, point, gradient);
    constexpr double kStep = 1e-5;
    for (std::size_t i = 0; i < point.size(); ++i) {
      const double at = point[i];
      point[i] = at + kStep;
      const double above = add_loss_gradient(tiny.problem(), tiny.costs(), options, point, unused);
      point[i] = at - kStep;
      const double below = add_loss_gradient(tiny.problem(), tiny.costs(), options, point, unused);
      point[i] = at;
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradient[i], expected, 1e-5 * std::max(1.0, std::abs(expected)))
          << to_string(form) << " " << i;
    }
  }
}

// Whole choices are corners of the relaxed problem, and the loss there is that of the pair.
TEST(GradientSearch, TheLossOfWholeChoicesIsThatOfThePair) {
  TinyGradientProblem tiny;
  GradientSearchOptions options;
  options.lambda = 2;
  for (const Choices& pair : allowed_pairs(tiny)) {
    const auto corner = one_hot(tiny.space().decisions(), pair);
    std::vector<double> gradient(corner.size(), 0);
    ASSERT_NEAR(add_loss_gradient(tiny.problem(), tiny.costs(), options, corner, gradient),
                loss_of(tiny, pair, 2), 1e-9);
  }
}

class EveryRelaxation : public testing::TestWithParam<Relaxation> {};

// The best of a few seeds is among the best fiftieth of the pairs within the area, of which there
// are up to 648. (With a limit the accelerator is chosen last, for networks of a faster one.)
TEST_P(EveryRelaxation, FindsAPairAmongTheBest) {
  for (const double max_area_mm2 : {1000.0, 25.0}) {
    TinyGradientProblem tiny(max_area_mm2);
    GradientSearchOptions options;
    options.relaxation = GetParam();
    options.lambda = 4;
    double found = std::numeric_limits<double>::infinity();
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      options.relaxed.seed = seed;
      const GradientAnswer answer = search_by_gradient(tiny.problem(), tiny.costs(), options);
      EXPECT_LE(answer.pair.area_mm2, max_area_mm2);
      found = std::min(found, loss_of(tiny, answer.pair.choices, options.lambda));
    }
    const auto pairs = allowed_pairs(tiny);
    const auto better = std::ranges::count_if(pairs, [&](const Choices& pair) {
      return loss_of(tiny, pair, options.lambda) < found - 1e-9;
    });
    EXPECT_LE(better, std::ssize(pairs) / 50) << max_area_mm2;
  }
}

TEST_P(EveryRelaxation, IsTheSameForTheSameSeed) {
  TinyGradientProblem tiny;
  GradientSearchOptions options;
  options.relaxation = GetParam();
  options.relaxed.steps = 50;
  options.relaxed.seed = 3;
  const GradientAnswer one = search_by_gradient(tiny.problem(), tiny.costs(), options);
  EXPECT_EQ(one.probabilities,
            search_by_gradient(tiny.problem(), tiny.costs(), options).probabilities);
  options.relaxed.seed = 4;
  EXPECT_NE(one.probabilities,
            search_by_gradient(tiny.problem(), tiny.costs(), options).probabilities);
}

INSTANTIATE_TEST_SUITE_P(All, EveryRelaxation, testing::ValuesIn(relaxations()),
                         [](const auto& relaxation) { return to_string(relaxation.param); });

TEST(GradientSearch, ALargerLambdaEndsFaster) {
  TinyGradientProblem tiny;
  GradientSearchOptions options;
  double before = std::numeric_limits<double>::infinity();
  for (const double lambda : {0.01, 1.0, 100.0}) {
    options.lambda = lambda;
    const GradientAnswer answer = search_by_gradient(tiny.problem(), tiny.costs(), options);
    EXPECT_LE(answer.pair.latency_ms, before);
    before = answer.pair.latency_ms;
  }
}

TEST(GradientProblem, RefusesAnAreaThatNoAcceleratorHas) {
  EXPECT_NE(message_of<InputError>([] { TinyGradientProblem(0.1); }).find("the smallest has"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail::test
