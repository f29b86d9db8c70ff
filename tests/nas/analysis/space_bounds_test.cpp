#include "nas/analysis/space_bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/numbers/random.h"
#include "tests/base/files/test_files.h"

namespace dovetail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SpaceBoundsTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  DesignSpace space_ = DesignSpace::load(
      folder_.write("s.yaml",
                    "schema: dovetail.design_space/1\nname: s\nbase: nahas_baseline\ndecisions:\n"
                    "  - {name: pes_x, unit: PEs, choices: [1, 2, 4]}\n"
                    "  - {name: register_file_kib, unit: KiB per lane, choices: [8, 16, 32]}\n"
                    "  - {name: weights, choices: [auto, streamed]}\n"
                    "  - {name: clock_ghz, unit: GHz, choices: [0.8]}\n"
                    "  - {name: io_bandwidth_gbps, choices: [10, 20]}\n"));
};

TEST_F(SpaceBoundsTest, NamesEveryParameterThatAllHaveAtOneBound) {
  const std::vector<Choices> best = {{2, 0, 1, 0, 1}, {1, 0, 1, 0, 1}, {2, 0, 1, 0, 1}};
  EXPECT_THAT(parameters_at_bound(space_, best),
              ElementsAre(ParameterAtBound{1, false, false}, ParameterAtBound{4, true, false}));
  EXPECT_EQ(bounds_text(space_, best, "the front"),
            "all 3 designs of the front have the smallest register_file_kib (8 KiB per lane): the "
            "space ends where the optimum may not\n"
            "all 3 designs of the front have the largest io_bandwidth_gbps (20): the space ends "
            "where the optimum may not\n");
}

TEST_F(SpaceBoundsTest, OneDesignWithinTheSpaceOrBothBoundsAreNoBound) {
  const std::vector<Choices> both = {{1, 0, 0, 0, 0}, {1, 2, 0, 0, 1}};
  EXPECT_THAT(parameters_at_bound(space_, both), IsEmpty());
  const std::vector<Choices> one_within = {{1, 0, 0, 0, 0}, {1, 1, 0, 0, 1}};
  EXPECT_THAT(parameters_at_bound(space_, one_within), IsEmpty());
  EXPECT_THAT(parameters_at_bound(space_, {}), IsEmpty());
  EXPECT_EQ(bounds_text(space_, {}, "the front"), "");
}

TEST_F(SpaceBoundsTest, WhereNoHardwareHasLessTheSpaceIsNotToBlame) {
  const std::vector<Choices> best = {{0, 1, 0, 0, 0}};
  EXPECT_THAT(parameters_at_bound(space_, best),
              ElementsAre(ParameterAtBound{0, false, true}, ParameterAtBound{4, false, false}));
  EXPECT_THAT(bounds_text(space_, best, "the joint front"),
              testing::StartsWith("the one design of the joint front has the smallest pes_x "
                                  "(1 PEs): no smaller one exists\n"));
}

TEST_F(SpaceBoundsTest, EqualsTheDefinitionOnRandomFronts) {
  Rng rng(3);
  std::size_t found = 0;
  for (int front = 0; front < 500; ++front) {
    std::vector<Choices> best;
    for (int i = 0; i < 1 + front % 4; ++i) best.push_back(space_.decisions().sample(rng));
    std::vector<std::size_t> expected;
    for (const std::size_t d : {0, 1, 4}) {
      const std::vector<double>& values = space_.decisions()[d].values;
      const double least = *std::ranges::min_element(values);
      const double most = *std::ranges::max_element(values);
      std::size_t at_least = 0, at_most = 0;
      for (const Choices& choices : best) {
        at_least += values[choices[d]] == least;
        at_most += values[choices[d]] == most;
      }
      if (at_least == best.size() || at_most == best.size()) expected.push_back(d);
    }
    std::vector<std::size_t> named;
    for (const ParameterAtBound& bound : parameters_at_bound(space_, best)) {
      named.push_back(bound.decision);
    }
    EXPECT_EQ(named, expected);
    found += named.size();
  }
  EXPECT_GT(found, 100U);
}

}  // namespace
}  // namespace dovetail
