#include "cost/simulation/simulation_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "models/network/zoo.h"
#include "sim/simulator.h"
#include "tests/base/process/worker_processes.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using test::running_children;
using testing::HasSubstr;

bool same(const std::vector<PairCosts>& a, const std::vector<PairCosts>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const PairCosts& x, const PairCosts& y) {
                      return x.costs == y.costs && x.failure.has_value() == y.failure.has_value();
                    });
}

class SimulationCostsTest : public testing::Test {
 protected:
  SimulationCostsTest() {
    Rng rng(7);
    for (int i = 0; i < 40; ++i) {
      pairs_.push_back({networks_.decisions().sample(rng), accelerators_.decisions().sample(rng)});
    }
  }
  SimulationCosts costs_with(int workers) const {
    return {pair_domain(networks_, accelerators_), {"16nm", workers, {}, {}}};
  }

  struct TinySpaces : TemporaryFolder {
    TinySpaces() { write_tiny_spaces(*this); }
  } folder_;
  NetworkSpace networks_ = NetworkSpace::load(folder_.path() / "net.yaml");
  DesignSpace accelerators_ = DesignSpace::load(folder_.path() / "hw.yaml");
  std::vector<Pair> pairs_;
};

TEST_F(SimulationCostsTest, CostsAreTheSimulators) {
  SimulatorOptions options;
  options.per_layer = false;
  Simulator simulator(options);
  const auto found = costs_with(1).costs(pairs_);
  ASSERT_EQ(found.size(), pairs_.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const SimulationResult result =
        simulator.run(networks_.build(pairs_[i].network), accelerators_.decode(pairs_[i].hardware));
    const Costs& costs = found[i].checked();
    EXPECT_EQ(costs.reason, result.reason);
    EXPECT_EQ(costs.reason_text, result.reason_text);
    EXPECT_EQ(costs.area_mm2, result.area_mm2);
    EXPECT_GT(found[i].seconds, 0);
    if (!result.feasible()) continue;
    EXPECT_EQ(costs.latency_ms, result.latency_ms);
    EXPECT_EQ(costs.cycles, result.cycles);
    EXPECT_EQ(costs.energy_mj, result.energy.total());
    EXPECT_EQ(costs.peak_local_memory_kib * 1024,
              static_cast<double>(result.memory.local_memory_peak_bytes));
  }
}

TEST_F(SimulationCostsTest, WorkersChangeNothingAndStayForTheNextPairs) {
  const auto here = costs_with(1).costs(pairs_);
  EXPECT_TRUE(running_children(::getpid()).empty());
  SimulationCosts two = costs_with(2);
  EXPECT_TRUE(running_children(::getpid()).empty());
  EXPECT_TRUE(same(two.costs(pairs_), here));
  const std::set<pid_t> workers = running_children(::getpid());
  EXPECT_EQ(workers.size(), 2U);
  for (std::size_t i = 0; i + 8 <= pairs_.size(); i += 8) {
    const std::vector<PairCosts> batch(here.begin() + static_cast<std::ptrdiff_t>(i),
                                       here.begin() + static_cast<std::ptrdiff_t>(i + 8));
    EXPECT_TRUE(same(two.costs(std::span(pairs_).subspan(i, 8)), batch));
  }
  EXPECT_EQ(running_children(::getpid()), workers);
}

TEST_F(SimulationCostsTest, AKilledWorkerIsReplacedAndNothingIsLost) {
  const auto here = costs_with(1).costs(pairs_);
  SimulationCosts two = costs_with(2);
  two.costs(std::span(pairs_).first(8));
  for (const pid_t worker : running_children(::getpid())) ::kill(worker, SIGKILL);
  EXPECT_TRUE(same(two.costs(pairs_), here));
}

TEST_F(SimulationCostsTest, AStreamIsDeliveredInOrderWithItsPairs) {
  for (const int workers : {1, 2}) {
    for (const std::uint64_t together : {1, 7, 100}) {
      SimulationCosts costs = costs_with(workers);
      const auto all = costs.costs(pairs_);
      std::uint64_t next = 0;
      PairStream stream;
      stream.count = pairs_.size();
      stream.together = together;
      stream.pair = [&](std::uint64_t i) { return pairs_[i]; };
      stream.deliver = [&](std::uint64_t i, const Pair& pair, const PairCosts& found) {
        EXPECT_EQ(i, next++);
        EXPECT_EQ(pair, pairs_[i]);
        EXPECT_EQ(found.costs, all[i].costs);
      };
      EXPECT_EQ(costs.stream(stream), pairs_.size());
      EXPECT_EQ(next, pairs_.size());
    }
  }
}

TEST_F(SimulationCostsTest, StoppedItGivesThePrefixThatIsDone) {
  for (const int workers : {1, 2}) {
    SimulationCosts costs = costs_with(workers);
    const auto all = costs.costs(pairs_);
    int asked = 0;
    const auto some = costs.costs(pairs_, [&] { return ++asked <= 10; });
    ASSERT_LT(some.size(), all.size());
    EXPECT_TRUE(same(some, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(some.size())}));
    EXPECT_TRUE(same(costs.costs(pairs_), all));  // and goes on
  }
}

TEST_F(SimulationCostsTest, APairThatGoesWrongHasItsFailure) {
  std::vector<Pair> pairs = pairs_;
  pairs[3].network.push_back(0);
  pairs[5].hardware[0] = 99;
  for (const int workers : {1, 2}) {
    const auto found = costs_with(workers).costs(pairs);
    ASSERT_EQ(found.size(), pairs.size());
    for (const std::size_t bad : {3, 5}) {
      EXPECT_THROW(found[bad].checked(), InputError);
      EXPECT_FALSE(found[bad].failure->bytes.empty());
    }
    EXPECT_NO_THROW(found[4].checked());
  }
}

TEST_F(SimulationCostsTest, OneNetworkOnASpaceAndOneAcceleratorForASpace) {
  const Network network = find_network("mobilenet_v2");
  const Pair point{{}, pairs_[0].hardware};
  SimulationCosts one(pair_domain(network, accelerators_), {"16nm", 1, {}, {}});
  SimulationCosts two(pair_domain(network, accelerators_), {"16nm", 2, {}, {}});
  EXPECT_EQ(one.costs_of(point), two.costs_of(point));
  const Pair on_baseline{pairs_[0].network, {}};
  EXPECT_EQ(costs_with(1).costs_of(on_baseline), costs_with(2).costs_of(on_baseline));
  EXPECT_THROW(one.costs_of({pairs_[0].network, {}}), InputError);
}

TEST_F(SimulationCostsTest, RefusesWhatCannotWork) {
  EXPECT_THAT(message_of<InputError>([&] { costs_with(0); }), HasSubstr("allowed at least 1"));
  EXPECT_THROW(SimulationCosts(pair_domain(networks_, accelerators_), {"1nm", 1, {}, {}}),
               InputError);
}

}  // namespace
}  // namespace dovetail
