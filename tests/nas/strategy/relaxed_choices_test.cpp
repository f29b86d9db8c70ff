#include "nas/strategy/relaxed_choices.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

/// An ordered decision, one among names, and one without a choice.
DecisionSpace decisions() {
  return DecisionSpace({{"size", "", {"1", "2", "3", "4"}, {1, 2, 3, 4}},
                        {"kind", "", {"a", "b", "c"}, {}},
                        {"only", "", {"x"}, {}}});
}

class EveryRelaxedChoices : public testing::TestWithParam<Relaxation> {};

TEST_P(EveryRelaxedChoices, StartsNearUniformAndFollowsTheGradient) {
  // The third size and the second kind cost least.
  const std::vector<double> gradient{3, 2, 0, 1, 2, -1, 1, 5};
  RelaxationOptions options;
  options.initial_deviation = 0;
  const auto relaxed = make_relaxed_choices(GetParam(), decisions(), options);
  const std::vector<double> start = relaxed->probabilities();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(start[i], 0.25, 1e-12);
  for (std::size_t i = 4; i < 7; ++i) EXPECT_NEAR(start[i], 1 / 3.0, 1e-12);
  for (std::size_t step = 0; step < options.steps; ++step) {
    const std::span<const double> point = relaxed->point();
    ASSERT_NEAR(point[0] + point[1] + point[2] + point[3], 1, 1e-9);
    ASSERT_NEAR(point[4] + point[5] + point[6], 1, 1e-9);
    ASSERT_NEAR(point[7], 1, 1e-12);
    relaxed->move(gradient);
  }
  const std::vector<double> p = relaxed->probabilities();
  EXPECT_EQ(std::max_element(p.begin(), p.begin() + 4) - p.begin(), 2);
  EXPECT_EQ(std::max_element(p.begin() + 4, p.begin() + 7) - p.begin(), 5);
}

INSTANTIATE_TEST_SUITE_P(All, EveryRelaxedChoices, testing::ValuesIn(relaxations()),
                         [](const auto& relaxation) { return to_string(relaxation.param); });

// The sigmoids' parameters go down the same loss as the probabilities say: a small step lowers it
// as much as its gradient by finite differences tells, whatever the loss.
TEST(SigmoidRelaxation, AStepGoesDownhillFromAnywhere) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RelaxationOptions options;
    options.seed = seed;
    options.initial_deviation = 1;
    options.learning_rate = 1e-4;
    const auto relaxed = make_relaxed_choices(Relaxation::kSigmoid, decisions(), options);
    const std::vector<double> gradient{1, -2, 3, -1, 0.5, 2, -1, 0};
    const auto loss = [&] {
      const std::vector<double> p = relaxed->probabilities();
      double sum = 0;
      for (std::size_t i = 0; i < p.size(); ++i) sum += gradient[i] * p[i];
      return sum;
    };
    const double before = loss();
    relaxed->point();
    relaxed->move(gradient);
    EXPECT_LT(loss(), before) << seed;
  }
}

TEST(BinaryRelaxation, WhatIsNotDrawnKeepsItsProbability) {
  const DecisionSpace one({{"size", "", {"1", "2", "3", "4"}, {1, 2, 3, 4}}});
  const auto relaxed = make_relaxed_choices(Relaxation::kBinary, one, {});
  for (int step = 0; step < 20; ++step) {
    const std::vector<double> before = relaxed->probabilities();
    relaxed->point();
    relaxed->move(std::vector<double>{1, 2, 3, 4});
    const std::vector<double> after = relaxed->probabilities();
    int kept = 0;
    for (std::size_t i = 0; i < 4; ++i) kept += std::abs(after[i] - before[i]) < 1e-12;
    EXPECT_EQ(kept, 2);
  }
}

TEST(Relaxation, AnUnknownNameIsAnErrorThatListsTheKnownOnes) {
  for (const Relaxation r : relaxations()) EXPECT_EQ(relaxation_of_name(to_string(r)), r);
  EXPECT_NE(message_of<InputError>([] { relaxation_of_name("darts"); }).find("softmax, gumbel"),
            std::string::npos);
}

}  // namespace
}  // namespace dovetail
