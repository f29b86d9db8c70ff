#include "nas/strategy/lstm_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

using Policy = LstmPolicy<double>;

/// All decisions of so many candidates.
Policy::Mask all_of(std::size_t candidates) {
  return Policy::Mask(candidates, std::vector<bool>(4, true));
}

/// Away from the nearly uniform start.
void scale(Policy& policy, double factor) {
  for (double& parameter : policy.parameters()) parameter *= factor;
}

DecisionSpace small_space() {
  return DecisionSpace({{"a", "", {"0", "1", "2"}, {}},
                        {"b", "", {"only"}, {}},
                        {"c", "", {"0", "1"}, {}},
                        {"d", "", {"0", "1", "2", "3"}, {}}});
}

TEST(LstmPolicy, ProbabilitiesOfAllCandidatesSumToOne) {
  const DecisionSpace space = small_space();
  Rng rng(1);
  Policy policy(space, 6, 3, rng);
  scale(policy, 20);
  std::vector<Choices> all;
  for (std::uint64_t i = 0; i < *space.count(); ++i) all.push_back(space.from_index(i));
  double sum = 0;
  for (const double log_p : policy.log_probability(policy.evaluate(all), all_of(all.size()))) {
    sum += std::exp(log_p);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(LstmPolicy, DrawsAsOftenAsItSays) {
  const DecisionSpace space = small_space();
  Rng rng(2);
  Policy policy(space, 6, 3, rng);
  scale(policy, 20);
  const auto run = policy.sample(20000, rng);
  std::vector<double> counts(*space.count(), 0);
  for (const Choices& choices : run.choices) counts[space.index_of(choices)] += 1.0 / 20000;
  for (std::uint64_t i = 0; i < *space.count(); ++i) {
    const auto one = policy.evaluate({space.from_index(i)});
    const double p = std::exp(policy.log_probability(one, all_of(1))[0]);
    EXPECT_NEAR(counts[i], p, 4 * std::sqrt(p * (1 - p) / 20000) + 1e-4);
  }
}

TEST(LstmPolicy, ALaterChoiceDependsOnAnEarlierOne) {
  const DecisionSpace space = small_space();
  Rng rng(3);
  Policy policy(space, 6, 3, rng);
  scale(policy, 20);
  const auto run = policy.evaluate({{0, 0, 0, 0}, {2, 0, 0, 0}});
  const std::vector<bool> last{false, false, false, true};
  const auto log_p = policy.log_probability(run, {last, last});
  EXPECT_GT(std::abs(log_p[0] - log_p[1]), 1e-3);
}

/// Against differences, with a mask that leaves decisions of some candidates out.
TEST(LstmPolicy, GradientIsThatOfDifferences) {
  const DecisionSpace space = small_space();
  Rng rng(4);
  Policy policy(space, 5, 3, rng);
  scale(policy, 5);
  const std::vector<Choices> choices{{0, 0, 1, 3}, {2, 0, 0, 1}, {1, 0, 1, 0}};
  Policy::Mask mask = all_of(3);
  mask[0][2] = mask[2][3] = false;
  const std::vector<double> by_log_p{0.7, -1.2, 0.4}, by_entropy{0.3, 0.1, -0.5};
  const auto value = [&] {
    const auto run = policy.evaluate(choices);
    const auto log_p = policy.log_probability(run, mask), entropy = policy.entropy(run, mask);
    double sum = 0;
    for (std::size_t b = 0; b < 3; ++b) sum += by_log_p[b] * log_p[b] + by_entropy[b] * entropy[b];
    return sum;
  };
  const auto gradient = policy.gradient(policy.evaluate(choices), mask, by_log_p, by_entropy);
  EXPECT_GT(*std::max_element(gradient.begin(), gradient.end()), 0.01);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double before = policy.parameters()[i];
    policy.parameters()[i] = before + kStep;
    const double above = value();
    policy.parameters()[i] = before - kStep;
    const double below = value();
    policy.parameters()[i] = before;
    ASSERT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-7) << "parameter " << i;
  }
}

}  // namespace
}  // namespace dovetail
