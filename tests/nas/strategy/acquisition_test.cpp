#include "nas/strategy/acquisition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nas/objective/hypervolume.h"
#include "nas/strategy/hypervolume_improvement.h"
#include "nas/strategy/normal.h"
#include "nas/strategy/variation.h"
#include "tests/nas/strategy/toy_problem.h"

namespace dovetail {
namespace {

using Point = std::vector<double>;
using Front = std::vector<Point>;

/// One candidate whose figures are believed to be these.
Beliefs beliefs(const Point& means, const Point& deviations, const std::vector<bool>& logarithmic) {
  Beliefs beliefs;
  beliefs.logarithmic = logarithmic;
  for (std::size_t k = 0; k < means.size(); ++k) {
    beliefs.objectives.push_back({{means[k]}, {deviations[k]}, nullptr});
  }
  return beliefs;
}

TEST(ExpectedShortfall, IsTheMeanOfManyDraws) {
  Rng rng(1);
  for (const bool logarithmic : {false, true}) {
    for (const double limit : {0.5, 1.0, 3.0}) {
      double sum = 0;
      constexpr int kDraws = 200'000;
      for (int i = 0; i < kDraws; ++i) {
        const double y = 0.3 + 0.6 * rng.normal();
        sum += std::max(0.0, limit - (logarithmic ? std::exp(y) : y));
      }
      EXPECT_NEAR(expected_shortfall(limit, 0.3, 0.6, logarithmic), sum / kDraws, 0.006);
    }
  }
}

TEST(ExpectedShortfall, WithoutDoubtIsTheShortfall) {
  EXPECT_EQ(expected_shortfall(5, 3, 0, false), 2);
  EXPECT_EQ(expected_shortfall(2, 3, 0, false), 0);
  EXPECT_NEAR(expected_shortfall(5, std::log(3.0), 0, true), 2, 1e-12);
  const double nothing = -std::numeric_limits<double>::infinity();
  for (const bool logarithmic : {false, true}) {
    EXPECT_EQ(expected_shortfall(nothing, 3, 1, logarithmic), 0);
  }
  EXPECT_EQ(expected_shortfall(-1, 0, 1, true), 0);  // a cost is never below 0
}

/// In two to four dimensions: the boxes are disjoint, none of their points is dominated, and with
/// what the front dominates they fill what lies below the reference.
TEST(NonDominatedBoxes, FillWhatTheFrontLeaves) {
  Rng rng(7);
  for (const std::size_t dimensions : {1u, 2u, 3u, 4u}) {
    for (const std::size_t size : {0u, 1u, 3u, 9u}) {
      Front front(size, Point(dimensions));
      for (Point& point : front) {
        for (double& x : point) x = 0.25 * static_cast<double>(rng.index(6));  // also equal ones
      }
      const Point reference(dimensions, 1);
      double volume = 0;
      for (const Box& box : non_dominated_boxes(front, reference)) {
        double part = 1;
        for (std::size_t k = 0; k < dimensions; ++k) {
          part *= box.high[k] - std::max(-1.0, box.low[k]);  // from -1, below every point
        }
        volume += part;
      }
      const double dominated =
          dimensions == 1 && size > 0
              ? std::max(0.0, 1 - (*std::min_element(front.begin(), front.end()))[0])
              : (size == 0 ? 0 : hypervolume(front, reference));
      EXPECT_NEAR(volume + dominated, std::pow(2, dimensions), 1e-9)
          << dimensions << " dimensions, " << size << " points";
    }
  }
}

TEST(HypervolumeImprovement, OfACertainPointIsWhatItAddsToTheHypervolume) {
  const Front front{{1, 4, 2}, {2, 2, 3}, {4, 1, 1}};
  const Point reference{5, 5, 5};
  const auto acquisition = hypervolume_improvement(front, reference);
  for (const Point& point : {Point{1.5, 1.5, 1.5}, {0.5, 4.5, 4}, {3, 3, 4}, {6, 0, 0}}) {
    Front with = front;
    with.push_back(point);
    EXPECT_NEAR(acquisition->gain(beliefs(point, {0, 0, 0}, {false, false, false}), 0),
                hypervolume(with, reference) - hypervolume(front, reference), 1e-9);
  }
}

TEST(HypervolumeImprovement, IsTheMeanOfManyDraws) {
  Rng rng(3);
  const Front front{{1, 4}, {2, 2}, {4, 1}};
  const Point reference{5, 5};
  const Point means{0.6, 2.5}, deviations{0.4, 1};
  const std::vector<bool> logarithmic{true, false};
  double sum = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    Front with = front;
    with.push_back({std::exp(means[0] + deviations[0] * rng.normal()),
                    means[1] + deviations[1] * rng.normal()});
    sum += hypervolume(with, reference) - hypervolume(front, reference);
  }
  const auto acquisition = hypervolume_improvement(front, reference);
  EXPECT_NEAR(acquisition->gain(beliefs(means, deviations, logarithmic), 0), sum / kDraws, 0.03);
}

TEST(HypervolumeImprovement, WhatIsTakenAddsNothingASecondTime) {
  const auto acquisition = hypervolume_improvement({{1, 4}, {4, 1}}, {5, 5});
  const Beliefs certain = beliefs({2, 2}, {0, 0}, {false, false});
  EXPECT_NEAR(acquisition->gain(certain, 0), 4, 1e-12);
  acquisition->take(certain, 0);
  EXPECT_EQ(acquisition->gain(certain, 0), 0);
  // What it dominates is out of the front, what dominates it is not affected.
  EXPECT_NEAR(acquisition->gain(beliefs({1.5, 1.5}, {0, 0}, {false, false}), 0),
              3.5 * 3.5 - 9 - 2 * 0.5, 1e-9);
}

TEST(ViolationImprovement, PrefersWhatIsExpectedToViolateLess) {
  std::vector<ToldCandidate> told(1);
  told[0].outcome.valid = true;
  told[0].outcome.excesses = {0.5, -1};
  const auto acquisition = violation_improvement(told);
  const auto at = [](double a, double b) {
    Beliefs beliefs;
    beliefs.excesses = {{{a}, {0.01}, nullptr}, {{b}, {0.01}, nullptr}};
    return beliefs;
  };
  EXPECT_NEAR(acquisition->gain(at(0.2, -1), 0), 0.3, 0.01);
  EXPECT_NEAR(acquisition->gain(at(0.2, 0.2), 0), 0.1, 0.01);  // the sum of both counts
  EXPECT_NEAR(acquisition->gain(at(-3, -3), 0), 0.5, 0.01);    // nothing for more than holding
  EXPECT_EQ(acquisition->gain(at(0.9, -1), 0), 0);
}

/// 10^8 points, of which one in ten million holds the constraint, and the area is known.
class NarrowDomain : public SearchDomain {
 public:
  NarrowDomain() {
    std::vector<Decision> decisions;
    for (int i = 0; i < 8; ++i) {
      Decision decision{fmt::format("x{}", i), "", {}, {}};
      for (int c = 0; c < 10; ++c) {
        decision.choices.push_back(std::to_string(c));
        decision.values.push_back(c);
      }
      decisions.push_back(decision);
    }
    decisions_ = DecisionSpace(std::move(decisions));
  }
  const DecisionSpace& decisions() const override { return decisions_; }
  std::optional<double> predicted_violation(const Choices& choices) const override {
    int sum = 0;
    for (const std::uint16_t choice : choices) sum += choice;
    return std::max(0, sum - 1);
  }

 private:
  DecisionSpace decisions_;
};

TEST(SeenCandidates, FindsWhatHoldsKnownConstraintsHoweverRareItIs) {
  const NarrowDomain domain;
  SeenCandidates seen(domain);
  Rng rng(1);
  for (int i = 0; i < 9; ++i) {  // all that there are
    const auto found = seen.sample_new(rng);
    ASSERT_TRUE(found);
    EXPECT_EQ(*domain.predicted_violation(*found), 0) << i;
  }
  const auto next = seen.sample_new(rng);  // the space is too large to say that there is no other
  ASSERT_TRUE(next);
  EXPECT_GT(*domain.predicted_violation(*next), 0);
}

TEST(SeenCandidates, ASmallSpaceIsAskedOnceEach) {
  const ToyDomain domain(2);
  SeenCandidates seen(domain);
  Rng rng(1);
  std::set<Choices> different;
  while (const auto choices = seen.make_new(Choices(3, 0), rng)) {
    EXPECT_TRUE(different.insert(domain.canonical(*choices)).second);
  }
  EXPECT_EQ(different.size(), 31u * (1 + 7 * 8));
}

}  // namespace
}  // namespace dovetail
