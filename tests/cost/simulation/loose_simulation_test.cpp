#include "cost/simulation/loose_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/simulation/protocol.h"
#include "cost/simulation/simulation_costs.h"
#include "models/network/zoo.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

class LooseSimulationTest : public testing::Test {
 protected:
  LooseSimulationTest() { write_tiny_spaces(folder_); }

  std::vector<NetworkSide> networks() const {
    return {{std::make_shared<const NetworkSpace>(NetworkSpace::load(folder_.path() / "net.yaml")),
             std::nullopt, nullptr},
            {nullptr, std::nullopt,
             std::make_shared<const Network>(find_network("mobilenet_v3_small"))}};
  }
  static AcceleratorConfig accelerator(int pes_x) {
    AcceleratorConfig config;
    config.pes_x = pes_x;
    config.weights = WeightPolicy::kStreamed;
    return config;
  }

  TemporaryFolder folder_;
};

TEST_F(LooseSimulationTest, WorkersFindWhatThisProcessFinds) {
  const std::vector<NetworkSide> all = networks();
  std::vector<LoosePair> pairs;
  for (int i = 0; i < 20; ++i) {
    const bool point = i % 2 == 0;
    pairs.push_back({point ? 0U : 1U, point ? Choices{0, 1, 0, 1, 1} : Choices{},
                     accelerator(1 + i % 4), i % 3 == 0 ? "7nm" : "16nm", i == 5});
  }
  pairs.push_back({0, {}, accelerator(1), "16nm", false});  // no choices, though it is a space
  LooseSimulation here(1), workers(2);
  const auto expected = here.costs(all, pairs), found = workers.costs(all, pairs);
  ASSERT_EQ(found.size(), pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(found[i].found.costs, expected[i].found.costs) << i;
    EXPECT_EQ(found[i].report, expected[i].report) << i;
    EXPECT_EQ(found[i].found.failure.has_value(), i == 20) << i;
  }
  EXPECT_NE(expected[5].report, "");
  // The same with the networks the other way round, which the workers are told anew.
  const std::vector<NetworkSide> swapped{all[1], all[0]};
  for (LoosePair& pair : pairs) pair.network = 1 - pair.network;
  const auto again = workers.costs(swapped, pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(again[i].found.costs, expected[i].found.costs) << i;
  }
}

TEST_F(LooseSimulationTest, SaysWhatTheCostModelOfOneDomainSays) {
  const std::vector<NetworkSide> all = networks();
  SimulationCosts costs({all[1], {nullptr, accelerator(3), std::nullopt}}, {});
  LooseSimulation loose(1);
  const auto found =
      loose.costs(all, std::vector<LoosePair>{{1, {}, accelerator(3), "16nm", false}});
  EXPECT_EQ(found.at(0).found.costs, costs.costs_of({}));
  EXPECT_EQ(loose.area_mm2(accelerator(3), "16nm"), costs.area_mm2(accelerator(3)));
}

TEST_F(LooseSimulationTest, AnAcceleratorTravelsToTheLastBit) {
  AcceleratorConfig config = accelerator(2);
  config.name = "n \"quoted\"";
  config.io_bandwidth_gbps = 0.1 + 0.2;
  config.io_phy_area = IoPhyArea::kIncluded;
  const auto read = loose_request_from_text(
      loose_request_text(std::vector<LoosePair>{{3, {1, 2}, config, "7nm", true}}));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].network, 3U);
  EXPECT_EQ(read[0].choices, (Choices{1, 2}));
  EXPECT_EQ(read[0].accelerator, config);
  EXPECT_EQ(read[0].technology, "7nm");
  EXPECT_TRUE(read[0].report);
}

TEST_F(LooseSimulationTest, AJobOfAnotherBuildOrANetworkThatNoJobToldIsRefused) {
  std::string job = loose_job_text(networks());
  EXPECT_THROW(simulation_work(job)(loose_request_text(
                   std::vector<LoosePair>{{2, {}, accelerator(1), "16nm", false}})),
               InputError);
  job.replace(job.find("\"build\":\"") + 9, 1, "X");
  EXPECT_THROW(simulation_work(job), InputError);
}

}  // namespace
}  // namespace dovetail
