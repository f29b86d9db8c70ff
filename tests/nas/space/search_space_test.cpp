#include "nas/space/search_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/numbers/random.h"
#include "base/text/error.h"
#include "models/network/zoo.h"
#include "tests/nas/study/tiny_study.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class SearchSpaceTest : public testing::Test {
 protected:
  SearchSpaceTest() {
    network_.space = std::make_shared<NetworkSpace>(NetworkSpace::load(files_.path() / "net.yaml"));
    hardware_.space = std::make_shared<DesignSpace>(DesignSpace::load(files_.path() / "hw.yaml"));
    hardware_.baseline = hardware_.space->base();
    hardware_.baseline_choices = hardware_.space->encode(hardware_.baseline);
  }

  TinyStudy files_;
  NetworkSide network_;
  HardwareSide hardware_;
};

TEST_F(SearchSpaceTest, JointHasTheDecisionsOfBothSides) {
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  ASSERT_EQ(space.decisions().size(), 10u);
  EXPECT_EQ(space.decisions()[0].name, "net.k0");
  EXPECT_EQ(space.decisions()[5].name, "hw.pes_x");
}

TEST_F(SearchSpaceTest, DecodeTakesTheSidesApart) {
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    const Choices choices = space.decisions().sample(rng);
    const Candidate candidate = space.decode(choices);
    EXPECT_EQ(candidate.network, network_.space->canonical({choices.begin(), choices.begin() + 5}));
    EXPECT_EQ(candidate.hardware, Choices(choices.begin() + 5, choices.end()));
    EXPECT_EQ(candidate.accelerator, hardware_.space->decode(candidate.hardware));
    EXPECT_EQ(space.build_network(choices).name(), network_.space->build(candidate.network).name());
  }
}

TEST_F(SearchSpaceTest, CanonicalFormClearsWhatHasNoEffect) {
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  const Choices without_block{1, 1, 1, 2, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(space.canonical(without_block), (Choices{1, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  const Choices with_block{1, 1, 1, 2, 1, 2, 1, 1, 1, 1};
  EXPECT_EQ(space.canonical(with_block), with_block);
}

TEST_F(SearchSpaceTest, NetworkScopeStaysOnTheBaseline) {
  const SearchSpace space(network_, hardware_, Scope::kNetwork);
  EXPECT_EQ(space.decisions().size(), 5u);
  const Candidate candidate = space.decode({0, 0, 0, 0, 1});
  EXPECT_EQ(candidate.accelerator, hardware_.baseline);
  EXPECT_EQ(candidate.hardware, *hardware_.baseline_choices);
}

TEST_F(SearchSpaceTest, HardwareScopeStaysOnTheFixedNetwork) {
  network_.fixed = Choices{2, 1, 0, 0, 0};
  const SearchSpace space(network_, hardware_, Scope::kHardware);
  EXPECT_EQ(space.decisions().size(), 5u);
  EXPECT_EQ(space.decode({0, 0, 0, 0, 1}).network, *network_.fixed);

  NetworkSide zoo;
  zoo.network = std::make_shared<Network>(find_network("mobilenetv2_1.0_224"));
  const SearchSpace alone(zoo, hardware_, Scope::kHardware);
  EXPECT_TRUE(alone.decode({0, 0, 0, 0, 1}).network.empty());
  EXPECT_EQ(alone.build_network({0, 0, 0, 0, 1}).name(), "mobilenetv2_1.0_224");
}

TEST_F(SearchSpaceTest, WhereOnlySomeNetworksMayBeAskedForTheNearestStandsForAPoint) {
  const std::vector<Choices> some{{0, 0, 0, 0, 0}, {2, 2, 1, 1, 1}};
  network_.points = std::make_shared<NetworkPoints>(*network_.space, some, "some");
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    const Choices choices = space.decisions().sample(rng);
    const Choices canonical = space.canonical(choices);
    const Choices network(canonical.begin(), canonical.begin() + 5);
    EXPECT_EQ(network, network_.points->nearest(network_.space->canonical(
                           Choices(choices.begin(), choices.begin() + 5))));
    EXPECT_TRUE(std::equal(choices.begin() + 5, choices.end(), canonical.begin() + 5));
    EXPECT_EQ(space.canonical(canonical), canonical);
    EXPECT_EQ(space.decode(choices).network, network);
    EXPECT_EQ(space.build_network(choices).name(), network_.space->build(network).name());
    EXPECT_EQ(space.encode(space.decode(choices)), canonical);
    EXPECT_NO_THROW(space.require_candidate(space.sample(rng)));
  }
  EXPECT_THROW(space.require_candidate({0, 1, 0, 0, 0, 0, 0, 0, 0, 0}), InputError);

  ASSERT_EQ(space.count(), 2U * 48U);
  std::set<Choices> all;
  for (std::uint64_t i = 0; i < 96; ++i) all.insert(space.point(i));
  EXPECT_EQ(all.size(), 96U);
  for (const Choices& choices : all) EXPECT_EQ(space.canonical(choices), choices);

  const Choices first{0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  std::set<Choices> networks;
  for (const Choices& near : space.neighbours(first)) {
    EXPECT_EQ(space.canonical(near), near);
    EXPECT_NE(near, first);
    networks.insert({near.begin(), near.begin() + 5});
  }
  EXPECT_EQ(networks, std::set<Choices>(some.begin(), some.end()));
}

TEST_F(SearchSpaceTest, PointsAreOfNetworksThatAreSearched) {
  network_.fixed = Choices{2, 1, 0, 0, 0};
  network_.points = std::make_shared<NetworkPoints>(*network_.space,
                                                    std::vector<Choices>{{2, 2, 1, 1, 1}}, "some");
  const SearchSpace hardware(network_, hardware_, Scope::kHardware);
  EXPECT_EQ(hardware.decode({0, 0, 0, 0, 1}).network, *network_.fixed);
  EXPECT_EQ(hardware.count(), 48U);
  const SearchSpace network(network_, hardware_, Scope::kNetwork);
  EXPECT_EQ(network.count(), 1U);
  EXPECT_EQ(network.canonical({0, 0, 0, 0, 0}), (Choices{2, 2, 1, 1, 1}));
}

TEST_F(SearchSpaceTest, LimitedDecisionsHaveTheChoicesThatTheyAreLeft) {
  const DecisionSpace& networks = network_.space->decisions();
  const Decision& pes_x = hardware_.space->decisions()[0];
  const std::vector<DecisionLimit> some{{"k0", {networks[0].choices.back()}},
                                        {"hw.pes_x", {pes_x.choices.back()}}};
  const SearchSpace whole(network_, hardware_, Scope::kJoint);
  const SearchSpace space(network_, hardware_, Scope::kJoint, some);
  EXPECT_EQ(*space.count(), *whole.count() / networks[0].choices.size() / pes_x.choices.size());
  EXPECT_EQ(space.cardinality(), static_cast<double>(*space.count()));
  const auto within = [&](const Choices& choices) {
    return choices[0] + 1U == networks[0].choices.size() && choices[5] + 1U == pes_x.choices.size();
  };
  std::set<Choices> all;
  for (std::uint64_t i = 0; i < *space.count(); ++i) {
    all.insert(space.point(i));
    EXPECT_TRUE(within(space.point(i)));
    EXPECT_NO_THROW(space.require_candidate(space.point(i)));
  }
  EXPECT_EQ(all.size(), *space.count());
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(all.contains(space.sample(rng)));
    const Choices any = whole.sample(rng);
    const Choices nearest = space.candidate(any);
    EXPECT_TRUE(all.contains(nearest));
    EXPECT_EQ(space.candidate(nearest), nearest);
    EXPECT_EQ(space.decode(any).network,
              network_.space->canonical(Choices(nearest.begin(), nearest.begin() + 5)));
    for (const Choices& near : space.neighbours(nearest)) {
      EXPECT_TRUE(all.contains(near));
      EXPECT_NE(near, nearest);
    }
  }
  EXPECT_THROW(space.require_candidate(Choices(10, 0)), InputError);
  // What the scope does not search is not limited by it.
  const SearchSpace network(network_, hardware_, Scope::kNetwork, some);
  EXPECT_EQ(*network.count(), *networks.count() / networks[0].choices.size());
}

TEST_F(SearchSpaceTest, WithoutLimitsAllIsAsBefore) {
  const SearchSpace whole(network_, hardware_, Scope::kJoint);
  Rng one(3), other(3);
  EXPECT_EQ(whole.sample(one), whole.decisions().sample(other));
  EXPECT_EQ(whole.count(), whole.decisions().count());
  for (const std::uint64_t i : {0U, 17U, 1000U}) {
    EXPECT_EQ(whole.point(i), whole.decisions().from_index(i));
    EXPECT_EQ(whole.neighbours(whole.point(i)), whole.decisions().neighbours(whole.point(i)));
  }
}

TEST_F(SearchSpaceTest, OfAListOfNetworksThoseWithinTheLimitsAreLeft) {
  const std::vector<Choices> some{{0, 0, 0, 0, 0}, {2, 2, 1, 1, 1}, {2, 0, 0, 0, 0}};
  network_.points = std::make_shared<NetworkPoints>(*network_.space, some, "some");
  const Decision& k0 = network_.space->decisions()[0];
  const SearchSpace space(network_, hardware_, Scope::kNetwork, {{"k0", {k0.choices[2]}}});
  EXPECT_EQ(space.count(), 2U);
  EXPECT_THROW(space.require_candidate(some[0]), InputError);
  EXPECT_EQ(space.candidate(some[0]), some[2]);
  EXPECT_THROW(SearchSpace(network_, hardware_, Scope::kNetwork, {{"k0", {k0.choices[1]}}}),
               InputError);
}

TEST_F(SearchSpaceTest, LimitsThatCannotBeAreRefused) {
  const auto refusal = [&](const std::vector<DecisionLimit>& limits) {
    return message_of<InputError>([&] {
      require_known_decisions(limits, &network_.space->decisions(), &hardware_.space->decisions());
      SearchSpace(network_, hardware_, Scope::kJoint, limits);
    });
  };
  const std::string k0 = network_.space->decisions()[0].choices[0];
  EXPECT_NO_THROW(SearchSpace(network_, hardware_, Scope::kJoint, {{"k*", {k0}}}));
  EXPECT_THAT(refusal({{"kernel", {k0}}}), HasSubstr("restrict: unknown decision 'kernel'"));
  EXPECT_THAT(refusal({{"k0", {"4"}}}), HasSubstr("restrict: net.k0: unknown choice '4'"));
  EXPECT_THAT(refusal({{"k*", {k0}}, {"net.k0", {k0}}}),
              HasSubstr("two limits on net.k0, 'k*' and 'net.k0'"));
  const Location place{"study.yaml", 7, 5};
  EXPECT_THAT(refusal({{"kernel", {k0}, place}}),
              testing::StartsWith("study.yaml:7:5: restrict: "));
  EXPECT_THAT(refusal({{"k0", {"4"}, place}}), testing::StartsWith("study.yaml:7:5: restrict: "));
  EXPECT_THAT(refusal({{"k*", {k0}}, {"net.k0", {k0}, place}}),
              testing::StartsWith("study.yaml:7:5: restrict: "));
}

TEST_F(SearchSpaceTest, APhaseHasTheLimitsOfTheWhole) {
  const Decision& k0 = network_.space->decisions()[0];
  const Decision& pes = hardware_.space->decisions()[0];
  const SearchSpace space(network_, hardware_, Scope::kJoint,
                          {{"k0", {k0.choices[2]}}, {"hw." + pes.name, {pes.choices[0]}}});
  const Candidate first = space.decode(space.point(0));
  const SearchSpace accelerators = space.phase(Scope::kHardware, first);
  const SearchSpace networks = space.phase(Scope::kNetwork, first);
  EXPECT_EQ(*accelerators.count() * *networks.count(), *space.count());
  EXPECT_EQ(space.phase(Scope::kJoint, std::nullopt).count(), space.count());
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    const Candidate a = accelerators.decode(accelerators.sample(rng));
    EXPECT_EQ(a.network, first.network);
    EXPECT_EQ(a.hardware[0], 0);
    const Candidate n = networks.decode(networks.sample(rng));
    EXPECT_EQ(n.network[0], 2);
    EXPECT_EQ(n.accelerator, first.accelerator);
  }
}

TEST_F(SearchSpaceTest, AScopeWithoutItsSpaceIsRefused) {
  EXPECT_THROW(SearchSpace(NetworkSide{}, hardware_, Scope::kJoint), InputError);
  EXPECT_THROW(SearchSpace(network_, HardwareSide{}, Scope::kJoint), InputError);
  EXPECT_THROW(SearchSpace(network_, hardware_, Scope::kHardware), InputError);  // none fixed
  const SearchSpace space(network_, hardware_, Scope::kJoint);
  EXPECT_THROW(space.decode({0, 0}), InputError);
}

}  // namespace
}  // namespace dovetail
