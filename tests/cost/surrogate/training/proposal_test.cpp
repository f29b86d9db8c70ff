#include "cost/surrogate/training/proposal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/surrogate/training/hidden_units.h"
#include "cost/surrogate/training/measurements.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ProposalTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    TrainingOptions options;
    options.hidden = {32, 24, 16};
    options.epochs = 15;
    options.ensemble = 2;
    base_ = std::make_unique<Surrogate>(train_surrogate(synthetic_data(3000, 1), options).model);
  }
  static void TearDownTestSuite() { base_.reset(); }

  /// How far pairs are from the nearest of some, in the hidden units of the first network: the mean
  /// of the squares.
  static double distance_to(const ProposedPairs& some, const ProposedPairs& pairs) {
    const auto units = [](const ProposedPairs& of) {
      return hidden_units(base_->impl(), base_->impl().members[0], of.network, of.hardware);
    };
    const HiddenUnits from = units(pairs), to = units(some);
    double sum = 0;
    for (std::size_t i = 0; i < pairs.network.size(); ++i) {
      double nearest = HUGE_VAL;
      for (std::size_t j = 0; j < some.network.size(); ++j) {
        double squares = 0;
        for (std::size_t u = 0; u < from.count; ++u) {
          squares += std::pow(from.units[i * from.count + u] - to.units[j * to.count + u], 2);
        }
        nearest = std::min(nearest, squares);
      }
      sum += nearest;
    }
    return sum / static_cast<double>(pairs.network.size());
  }
  static ProposedPairs random_pairs(std::size_t count, std::uint64_t seed) {
    const Dataset data = synthetic_data(count, seed, true);
    ProposedPairs pairs;
    for (std::size_t i = 0; i < count; ++i) {
      pairs.network.push_back(data.network(i));
      pairs.hardware.push_back(data.hardware(i));
    }
    return pairs;
  }

  static std::unique_ptr<Surrogate> base_;
  TemporaryFolder folder_;
};

std::unique_ptr<Surrogate> ProposalTest::base_;

TEST_F(ProposalTest, TheSameSeedProposesTheSamePairs) {
  const ProposedPairs some = propose_measurements(*base_, 20, 3);
  const ProposedPairs again = propose_measurements(*base_, 20, 3);
  EXPECT_EQ(some.network, again.network);
  EXPECT_EQ(some.hardware, again.hardware);
  EXPECT_NE(propose_measurements(*base_, 20, 4).network, some.network);
}

TEST_F(ProposalTest, PairsAreDifferentFeasibleAndWithoutChoicesThatHaveNoEffect) {
  const ProposedPairs pairs = propose_measurements(*base_, 60, 1);
  std::set<std::pair<Choices, Choices>> different;
  for (std::size_t i = 0; i < 60; ++i) {
    different.insert({pairs.network[i], pairs.hardware[i]});
    const std::vector<bool> active = base_->network_space().active(pairs.network[i]);
    for (std::size_t d = 0; d < active.size(); ++d) {
      EXPECT_TRUE(active[d] || pairs.network[i][d] == 0);
    }
  }
  EXPECT_EQ(different.size(), 60U);
  for (const CostPrediction& said : base_->predict(pairs.network, pairs.hardware)) {
    EXPECT_TRUE(said.costs.feasible());
  }
}

TEST_F(ProposalTest, OtherPairsAreNearerToThemThanToAsManyRandomOnes) {
  const ProposedPairs others = random_pairs(400, 99);
  for (const std::size_t count : {5, 20}) {
    const double proposed = distance_to(propose_measurements(*base_, count, 1), others);
    for (std::uint64_t seed = 100; seed < 110; ++seed) {
      EXPECT_LT(proposed, distance_to(random_pairs(count, seed), others)) << count;
    }
  }
}

TEST_F(ProposalTest, ThePlanIsReadOnceItIsFilledIn) {
  const ProposedPairs pairs = propose_measurements(*base_, 7, 1);
  const std::string plan = measurement_plan(*base_, pairs);
  const auto file = folder_.write("plan.csv", plan);
  const std::vector<std::string> lines = split(plan, '\n');
  std::size_t head = 0;
  while (lines[head].starts_with("#")) ++head;
  EXPECT_TRUE(lines[head].ends_with(",latency_ms,energy_mj"));
  EXPECT_THAT(message_of<InputError>([&] { read_measurements(file, *base_); }),
              AllOf(HasSubstr("plan.csv:" + std::to_string(head + 2)),
                    HasSubstr("latency_ms, energy_mj: found nothing")));

  std::string filled;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    std::string line = lines[i];
    if (i > head) line.insert(line.size() - 1, "0.5");  // before the comma of the energy
    filled += line + "\n";
  }
  folder_.write("plan.csv", filled);
  const Measurements read = read_measurements(file, *base_);
  EXPECT_EQ(read.network, pairs.network);
  EXPECT_EQ(read.hardware, pairs.hardware);
  EXPECT_EQ(read.costs[6][0], 0.5);
  EXPECT_TRUE(std::isnan(read.costs[6][1]));
}

TEST_F(ProposalTest, MorePairsThanThereAreIsAnError) {
  DatasetHeader header{{"n", DecisionSpace({{"k", "", {"3", "5"}, {3, 5}}}), {}, ""},
                       {"h", DecisionSpace({{"pes", "", {"1", "2", "4"}, {1, 2, 4}}}), {}, ""},
                       1,
                       "16nm",
                       "none"};
  Dataset data(header);
  Costs costs;
  costs.latency_ms = costs.energy_mj = costs.area_mm2 = 1;
  costs.cycles = 1000;
  for (std::uint16_t row = 0; row < 60; ++row) {  // each pair ten times
    const std::uint16_t k = row % 2, pes = row % 3;
    costs.latency_ms = 1 + k + 0.1 * pes;
    data.append({k}, {pes}, costs);
  }
  TrainingOptions options;
  options.hidden = {4};
  options.epochs = 1;
  options.validation_fraction = options.held_out_fraction = 0.2;
  const Surrogate small = train_surrogate(data, options).model;
  EXPECT_EQ(propose_measurements(small, 6, 1).network.size(), 6U);
  EXPECT_THAT(message_of<InputError>([&] { propose_measurements(small, 7, 1); }),
              HasSubstr("found 6 different feasible pairs"));
}

}  // namespace
}  // namespace dovetail
