#include "models/accuracy/train/halving_rungs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

using Rungs = std::vector<Rung>;

/// Trainings of so many epochs with one accuracy behind each.
HalvingRungs learned(int eta, int epochs, const std::vector<double>& percents) {
  HalvingRungs rungs(eta, epochs);
  for (const double percent : percents) {
    rungs.learn(std::vector<double>(static_cast<std::size_t>(epochs), percent));
  }
  return rungs;
}

TEST(HalvingRungsTest, TheFirstTrainingGoesOn) {
  EXPECT_EQ(HalvingRungs(3, 10).of_next(), Rungs());
}

TEST(HalvingRungsTest, RungsGrowByEtaAndNoneIsLast) {
  EXPECT_EQ(learned(3, 10, {50}).of_next(), (Rungs{{1, 50}, {3, 50}, {9, 50}}));
  EXPECT_EQ(learned(3, 9, {50}).of_next(), (Rungs{{1, 50}, {3, 50}}));
  EXPECT_EQ(learned(2, 5, {50}).of_next(), (Rungs{{1, 50}, {2, 50}, {4, 50}}));
  EXPECT_EQ(learned(2, 1, {50}).of_next(), Rungs()) << "one epoch is the whole training";
}

TEST(HalvingRungsTest, FewerThanEtaPromoteTheBest) {
  EXPECT_EQ(learned(3, 2, {50, 60}).of_next(), (Rungs{{1, 60}}));
  EXPECT_EQ(learned(4, 2, {50, 60}).of_next(), (Rungs{{1, 60}}));
}

TEST(HalvingRungsTest, WhatEndedAtARungIsKnownUpToIt) {
  HalvingRungs rungs(3, 10);
  rungs.learn(std::vector{40.0});
  rungs.learn(std::vector{50.0, 55.0, 60.0});
  rungs.learn(std::vector{45.0, 50.0});
  rungs.learn({});
  EXPECT_EQ(rungs.of_next(), (Rungs{{1, 50}, {3, 60}}));
}

// By its definition: a training goes on if, of all that came to the rung and itself, no more than
// the best 1/eta, or one, are as good.
TEST(HalvingRungsTest, TheBestShareGoesOn) {
  Rng rng(7);
  for (int eta = 2; eta <= 5; ++eta) {
    HalvingRungs rungs(eta, 2);
    std::vector<double> all;
    for (int i = 0; i < 60; ++i) {
      const double next = 100 * rng.uniform();
      const auto better = std::ranges::count_if(all, [&](double other) { return other > next; });
      const auto share = std::max<std::ptrdiff_t>(1, (std::ssize(all) + 1) / eta);
      const Rungs needed = rungs.of_next();
      EXPECT_EQ(needed.empty() || next >= needed[0].least_percent, better < share);
      all.push_back(next);
      rungs.learn(std::vector{next});
    }
  }
}

}  // namespace
}  // namespace dovetail
