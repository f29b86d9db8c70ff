#include "cost/surrogate/surrogate_costs.h"

#include <gtest/gtest.h>

#include "cost/simulation/simulation_costs.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

class SurrogateCostsTest : public testing::Test {
 protected:
  struct TinySpaces : TemporaryFolder {
    TinySpaces() { write_tiny_spaces(*this); }
  } folder_;
  NetworkSpace networks_ = NetworkSpace::load(folder_.path() / "net.yaml");
  DesignSpace accelerators_ = DesignSpace::load(folder_.path() / "hw.yaml");

  std::shared_ptr<const Surrogate> trained() const {
    LabellingOptions labelling;
    Dataset labels = empty_dataset(networks_, accelerators_, labelling);
    label_pairs(labels, networks_, accelerators_, 200, labelling, {});
    TrainingOptions options;
    options.epochs = 2;
    options.hidden = {8};
    return std::make_shared<const Surrogate>(train_surrogate(labels, options).model);
  }
};

TEST_F(SurrogateCostsTest, SaysWhatTheSurrogateSaysWithTheExactArea) {
  const auto surrogate = trained();
  const PairDomain domain = pair_domain(networks_, accelerators_);
  const auto predicted =
      std::make_shared<SurrogateCosts>(domain, predictions_of(surrogate), "16nm");
  const auto simulated = std::make_shared<SimulationCosts>(domain, SimulationOptions{});
  EXPECT_FALSE(predicted->simulates());
  EXPECT_TRUE(simulated->simulates());
  Rng rng(2);
  std::vector<Pair> pairs;
  std::vector<Choices> networks, hardware;
  for (int i = 0; i < 30; ++i) {
    networks.push_back(networks_.canonical(networks_.decisions().sample(rng)));
    hardware.push_back(accelerators_.decisions().sample(rng));
    pairs.push_back({networks.back(), hardware.back()});
  }
  const auto found = predicted->costs(pairs), truth = simulated->costs(pairs);
  const auto predictions = surrogate->predict(networks, hardware);
  ASSERT_EQ(found.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(found[i].costs.area_mm2, truth[i].costs.area_mm2);
    EXPECT_EQ(found[i].costs.latency_ms, predictions[i].costs.latency_ms);
    EXPECT_EQ(found[i].costs.energy_mj, predictions[i].costs.energy_mj);
    EXPECT_EQ(found[i].costs.reason, predictions[i].costs.reason);
    EXPECT_GT(found[i].seconds, 0);
  }
  EXPECT_TRUE(predicted->costs(pairs, [] { return false; }).empty());
}

TEST_F(SurrogateCostsTest, RefusesOtherSpacesAndFixedSides) {
  const auto surrogate = trained();
  EXPECT_THROW(SurrogateCosts({}, predictions_of(surrogate), "16nm"), InputError);
  SurrogateCosts costs(pair_domain(networks_, accelerators_), predictions_of(surrogate), "16nm");
  EXPECT_THROW(costs.costs_of({}), InputError);
}

}  // namespace
}  // namespace dovetail
