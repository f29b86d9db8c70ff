#include "cost/simulation/set_simulation.h"

#include <gtest/gtest.h>

#include "cost/cost_models.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

class SetSimulationTest : public testing::Test {
 protected:
  SetSimulationTest() {
    write_tiny_spaces(folder_);
    networks_ = std::make_shared<NetworkSpace>(NetworkSpace::load(folder_.path() / "net.yaml"));
    accelerators_ = std::make_shared<DesignSpace>(DesignSpace::load(folder_.path() / "hw.yaml"));
    Rng rng(3);
    for (int i = 0; i < 12; ++i) {
      pairs_.push_back({networks_->canonical(networks_->decisions().sample(rng)),
                        accelerators_->decisions().sample(rng)});
    }
  }
  PairDomain domain() const { return pair_domain(*networks_, *accelerators_); }
  /// The candidate's network and one more, on the candidate's accelerator and one more.
  PairSet two_by_two() const {
    PairSet set;
    set.networks = {nullptr, zoo_};
    set.accelerators = {std::nullopt, baseline_};
    set.members = {{"own"}, {"own@base"}, {"zoo"}, {"zoo@base"}};
    for (const SetMember& member : set.members) {
      set.figures.push_back(SetFigure::parse("latency_ms@" + member.name, set.members));
    }
    return set;
  }

  TemporaryFolder folder_;
  std::shared_ptr<NetworkSpace> networks_;
  std::shared_ptr<DesignSpace> accelerators_;
  std::shared_ptr<const Network> zoo_ =
      std::make_shared<Network>(find_network("mobilenetv1_0.25_128"));
  AcceleratorConfig baseline_ = find_accelerator("nahas_baseline");
  std::vector<Pair> pairs_;
};

TEST_F(SetSimulationTest, EveryPairIsThatOfTheSimulator) {
  SetSimulation costs(domain(), two_by_two(), {"16nm", 1, {}, {}});
  Simulator simulator(totals_only());
  for (const Pair& pair : pairs_) {
    const Costs set = costs.costs_of(pair);
    const Network own = networks_->build(pair.network);
    const AcceleratorConfig accelerator = accelerators_->decode(pair.hardware);
    const double expected[] = {
        simulator.run(own, accelerator).latency_ms, simulator.run(own, baseline_).latency_ms,
        simulator.run(*zoo_, accelerator).latency_ms, simulator.run(*zoo_, baseline_).latency_ms};
    ASSERT_TRUE(set.feasible()) << set.reason_text;
    EXPECT_EQ(set.of_set.at("latency_ms@own"), expected[0]);
    EXPECT_EQ(set.of_set.at("latency_ms@own@base"), expected[1]);
    EXPECT_EQ(set.of_set.at("latency_ms@zoo"), expected[2]);
    EXPECT_EQ(set.of_set.at("latency_ms@zoo@base"), expected[3]);
    EXPECT_EQ(set.latency_ms, *std::ranges::max_element(expected));
    EXPECT_EQ(set.area_mm2,
              std::max(simulator.area_mm2(accelerator), simulator.area_mm2(baseline_)));
  }
}

TEST_F(SetSimulationTest, WorkersChangeNothingAndWhatIsKnownTakesNoTime) {
  const auto found = [&](int workers) {
    const auto model =
        find_cost_model("simulation").make({domain(), {"16nm", workers, {}, {}}, {}, two_by_two()});
    std::vector<PairCosts> costs = model->costs(pairs_);
    for (const PairCosts& again : model->costs(pairs_)) EXPECT_EQ(again.seconds, 0);
    return costs;
  };
  const std::vector<PairCosts> one = found(1), three = found(3);
  ASSERT_EQ(one.size(), three.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].costs, three[i].costs) << i;
}

TEST_F(SetSimulationTest, StoppedItSaysWhatIsKnownAsAWhole) {
  SetSimulation costs(domain(), two_by_two(), {"16nm", 1, {}, {}});
  int asked = 0;
  const auto found = costs.costs(pairs_, [&] { return ++asked < 7; });
  EXPECT_LT(found.size(), pairs_.size());
  for (const PairCosts& one : found) EXPECT_EQ(one.costs.of_set.size(), 4U);
}

TEST_F(SetSimulationTest, OneThatCannotRunSpoilsTheSet) {
  PairSet set = two_by_two();
  set.accelerators[1] = find_accelerator("nahas_baseline:register_file_kib=0.25");
  SetSimulation costs(domain(), set, {"16nm", 1, {}, {}});
  const Costs found = costs.costs_of(pairs_.front());
  EXPECT_FALSE(found.feasible());
  EXPECT_EQ(found.reason_text.rfind("own@base: ", 0), 0U) << found.reason_text;
}

}  // namespace
}  // namespace dovetail
