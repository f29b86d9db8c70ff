#include "cost/surrogate/validation/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/training/trainer.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "sim/simulator.h"
#include "tests/cost/tiny_spaces.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

class ValidationTest : public testing::Test {
 protected:
  ValidationTest()
      : networks_(NetworkSpace::load(files_.folder.path() / "net.yaml")),
        accelerators_(DesignSpace::load(files_.folder.path() / "hw.yaml")),
        fresh_(label(2, 120)) {
    TrainingOptions options;
    options.epochs = 5;
    options.hidden = {16};
    model_ = std::make_unique<Surrogate>(train_surrogate(label(1, 300), options).model);
    validation_ = validate_surrogate(*model_, fresh_, networks_, accelerators_, simulator_, 4);
  }

  Dataset label(std::uint64_t seed, std::uint64_t rows) const {
    LabellingOptions labelling;
    labelling.seed = seed;
    Dataset data = empty_dataset(networks_, accelerators_, labelling);
    label_pairs(data, networks_, accelerators_, rows, labelling, {});
    return data;
  }

  struct Files {
    Files() { write_tiny_spaces(folder); }
    TemporaryFolder folder;
  };
  Files files_;
  NetworkSpace networks_;
  DesignSpace accelerators_;
  Simulator simulator_;
  Dataset fresh_;
  std::unique_ptr<Surrogate> model_;
  Validation validation_;
};

TEST_F(ValidationTest, ThirdsAreThirdsAndTogetherAllPairs) {
  std::map<std::string, std::size_t> pairs, feasible;
  for (const ErrorRegion& region : validation_.regions) {
    const std::string kind = region.name.substr(region.name.find(' ') + 1);
    if (kind != "networks" && kind != "accelerators") continue;
    pairs[kind] += region.rows.size();
    feasible[kind] += region.errors.latency().count;
    EXPECT_FALSE(region.definition.empty());
  }
  EXPECT_EQ(pairs.size(), 2U);
  for (const auto& [kind, count] : pairs) {
    EXPECT_EQ(count, fresh_.rows()) << kind;
    EXPECT_EQ(feasible[kind], fresh_.feasible_rows()) << kind;
  }
  // The mean over all pairs is that of the parts.
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const RegressionMetrics& m = validation_.regions[i].errors.latency();
    if (m.count > 0) sum += m.mape_percent * static_cast<double>(m.count);
  }
  EXPECT_NEAR(sum / static_cast<double>(fresh_.feasible_rows()),
              validation_.errors.latency().mape_percent, 1e-9);
}

TEST_F(ValidationTest, WorstCasesAreTheWorstAndSayWhatTheyAre) {
  ASSERT_EQ(validation_.worst.size(), kPredictedCosts);
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const std::vector<WorstCase>& cases = validation_.worst[c];
    ASSERT_EQ(cases.size(), 4U);
    EXPECT_NEAR(std::abs(cases[0].error_percent), validation_.errors.costs[c].max_percent, 1e-9);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const WorstCase& found = cases[i];
      if (i > 0) {
        EXPECT_LE(std::abs(found.error_percent), std::abs(cases[i - 1].error_percent));
      }
      const Label& label = fresh_.label(found.row);
      EXPECT_EQ(found.simulated, label.*predicted_costs()[c].label);
      EXPECT_NEAR(found.error_percent, 100 * (found.predicted / found.simulated - 1), 1e-9);
      EXPECT_GT(found.macs, 0);
      EXPECT_GT(found.bound_share, 0.1);
      EXPECT_LE(found.bound_share, 1);
      EXPECT_THAT(found.reason(), HasSubstr(found.bound));
      EXPECT_GE(found.regions.size(), 2U);  // one third of each kind
      for (const ErrorRegion& region : validation_.regions) {
        const bool inside = std::count(region.rows.begin(), region.rows.end(), found.row) > 0;
        EXPECT_EQ(std::count(found.regions.begin(), found.regions.end(), region.name), inside);
        EXPECT_EQ(found.reason().find(region.name) != std::string::npos, inside);
      }
      EXPECT_EQ(found.steps,
                accelerators_.decisions().neighbours(fresh_.hardware(found.row)).size());
      EXPECT_THAT(found.hardware_choices, HasSubstr(accelerators_.decisions()[0].name + "="));
    }
  }
}

TEST_F(ValidationTest, TheStepMissedMostIsThatOfTheSimulator) {
  const WorstCase& found = validation_.worst[0][0];
  const Choices here = fresh_.hardware(found.row), point = fresh_.network(found.row);
  const Network network = networks_.build(point);
  double most = -1, simulated_change = 0, predicted_change = 0;
  std::vector<double> errors;
  for (const Choices& there : accelerators_.decisions().neighbours(here)) {
    const auto result = simulator_.run(network, accelerators_.decode(there));
    if (!result.feasible()) continue;
    const double predicted =
        model_->predict(std::vector<Choices>{point}, std::vector<Choices>{there})[0]
            .costs.latency_ms;
    errors.push_back(std::abs(100 * (predicted / result.latency_ms - 1)));
    const double simulated_ratio = result.latency_ms / found.simulated;
    const double predicted_ratio = predicted / found.predicted;
    const double miss = std::abs(std::log(predicted_ratio / simulated_ratio));
    if (miss <= most) continue;
    most = miss;
    simulated_change = 100 * (simulated_ratio - 1);
    predicted_change = 100 * (predicted_ratio - 1);
  }
  EXPECT_NEAR(found.missed_simulated_percent, simulated_change, 1e-9);
  EXPECT_NEAR(found.missed_predicted_percent, predicted_change, 1e-9);
  std::sort(errors.begin(), errors.end());
  EXPECT_NEAR(found.error_around_percent, errors[errors.size() / 2], 1e-9);
  EXPECT_THAT(found.reason(), HasSubstr(" to "));
}

TEST_F(ValidationTest, JsonHasRegionsAndCases) {
  const auto regions = nlohmann::json::parse(regions_to_json_text(validation_, true));
  EXPECT_EQ(regions.size(), validation_.regions.size());
  EXPECT_TRUE(regions[0]["errors"].contains("latency"));
  const auto worst = nlohmann::json::parse(worst_to_json_text(validation_));
  EXPECT_EQ(worst["energy"].size(), 4U);
  EXPECT_EQ(worst["energy"][0]["unit"], "mJ");
  EXPECT_TRUE(worst["latency"][0]["spread_percent"].is_null());
}

}  // namespace
}  // namespace dovetail
