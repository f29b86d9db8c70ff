#include "nas/strategy/scalar_feedback.h"

#include <gtest/gtest.h>

namespace dovetail {
namespace {

Outcome outcome(double reward, double violation) {
  Outcome outcome;
  outcome.valid = true;
  outcome.violation = violation;
  outcome.reward = reward;
  return outcome;
}

TEST(ScalarFeedback, OrdersByAcceptableRewardThenViolationThenValidity) {
  ScalarFeedback feedback;
  for (const double reward : {0.5, 0.9, 0.7}) feedback.observe(outcome(reward, 0));
  feedback.observe(outcome(99, 0.5));  // not acceptable: no part of the range
  EXPECT_EQ(feedback.score(outcome(0.7, 0)), 0.7);
  EXPECT_DOUBLE_EQ(feedback.score(outcome(99, 1)), 0.5 - 0.4 / 2);
  EXPECT_DOUBLE_EQ(feedback.score(outcome(-99, 3)), 0.5 - 0.4 * 0.75);
  EXPECT_DOUBLE_EQ(feedback.score(Outcome()), 0.5 - 0.4);
  EXPECT_DOUBLE_EQ(feedback.lowest(), 0.5 - 0.4);
}

TEST(ScalarFeedback, HasAnOrderBeforeAnythingIsAcceptable) {
  const ScalarFeedback feedback;
  EXPECT_GT(feedback.score(outcome(0, 0.1)), feedback.score(outcome(0, 0.2)));
  EXPECT_GT(feedback.score(outcome(0, 0.2)), feedback.score(Outcome()));
}

}  // namespace
}  // namespace dovetail
