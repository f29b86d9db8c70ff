// Every strategy in a space of which only some networks may be asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "nas/space/search_space.h"
#include "tests/cost/tiny_spaces.h"
#include "tests/nas/strategy/strategy_rows.h"

namespace dovetail {

namespace {

class StrategiesOnSomePoints : public testing::TestWithParam<StrategyInfo> {
 protected:
  StrategiesOnSomePoints() {
    write_tiny_spaces(folder_);
    network_.space =
        std::make_shared<NetworkSpace>(NetworkSpace::load(folder_.path() / "net.yaml"));
    hardware_.space = std::make_shared<DesignSpace>(DesignSpace::load(folder_.path() / "hw.yaml"));
    hardware_.baseline = hardware_.space->base();
    hardware_.baseline_choices = hardware_.space->encode(hardware_.baseline);
    Rng rng(3);
    std::vector<Choices> some;
    for (int i = 0; i < 12; ++i) {
      some.push_back(network_.space->canonical(network_.space->decisions().sample(rng)));
    }
    network_.points = std::make_shared<NetworkPoints>(*network_.space, some, "some");
  }

  static Outcome outcome_of(const Choices& canonical) {
    Outcome outcome;
    outcome.valid = true;
    outcome.violation = canonical[1] == 2 ? 0.1 : 0;
    outcome.excesses = {canonical[1] == 2 ? 0.1 : -0.1};
    const double first = 1.0 + canonical[0] + canonical[4];
    outcome.objectives = {first, 4.0 / first + canonical[2]};
    outcome.reward = -outcome.objectives[0] - outcome.objectives[1];
    return outcome;
  }

  /// Canonical candidates in the order in which they were asked for.
  std::vector<Choices> search(const SearchSpace& space, std::size_t evaluations) {
    const auto strategy = GetParam().make(space, GetParam().defaults(), 5);
    std::vector<Choices> log;
    while (log.size() < evaluations) {
      const auto asked = strategy->ask(std::min<std::size_t>(10, evaluations - log.size()));
      if (asked.empty()) break;
      std::vector<Outcome> outcomes;
      for (const Choices& choices : asked) {
        log.push_back(space.canonical(choices));
        outcomes.push_back(outcome_of(log.back()));
      }
      strategy->tell(asked, outcomes);
    }
    return log;
  }

  TemporaryFolder folder_;
  NetworkSide network_;
  HardwareSide hardware_;
};

TEST_P(StrategiesOnSomePoints, AskForNoOthersAndForEachOnceUntilNoneIsLeft) {
  const SearchSpace space(network_, hardware_, Scope::kNetwork);
  const std::size_t all = network_.points->size();
  const std::vector<Choices> log = search(space, 5 * all);
  std::set<Choices> distinct;
  for (const Choices& choices : log) {
    EXPECT_TRUE(network_.points->contains(choices));
    EXPECT_TRUE(distinct.insert(choices).second || repeats(GetParam()));
  }
  if (!repeats(GetParam())) {
    EXPECT_EQ(distinct.size(), all);
  }
}

TEST_P(StrategiesOnSomePoints, TogetherWithAccelerators) {
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  std::set<Choices> distinct;
  for (const Choices& choices : search(space, 80)) {
    EXPECT_TRUE(network_.points->contains({choices.begin(), choices.begin() + 5}));
    EXPECT_TRUE(distinct.insert(choices).second || repeats(GetParam()));
  }
  if (!repeats(GetParam())) {
    EXPECT_EQ(distinct.size(), 80U);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, StrategiesOnSomePoints,
                         testing::ValuesIn(strategies().begin(), strategies().end()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace dovetail
