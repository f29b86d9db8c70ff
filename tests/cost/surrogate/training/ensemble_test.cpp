// Several networks that differ by seed: their mean, their spread, and who trains them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/trainer.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using testing::HasSubstr;

TrainingOptions small_options(std::size_t ensemble) {
  TrainingOptions options;
  options.hidden = {32, 32};
  options.epochs = 8;
  options.ensemble = ensemble;
  return options;
}

std::vector<std::size_t> all_rows(const Dataset& data) {
  std::vector<std::size_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

TEST(Ensemble, PredictsTheMeanOfLogarithmsAndTheirDeviation) {
  const TrainedSurrogate trained = train_surrogate(synthetic_data(1500, 1), small_options(3));
  const Surrogate& model = trained.model;
  ASSERT_EQ(model.members(), 3U);
  const Dataset fresh = synthetic_data(200, 2);
  const auto rows = all_rows(fresh);
  const auto together = predict_rows(model, fresh, rows);
  std::vector<std::vector<CostPrediction>> alone;
  for (const Mlp<float>& member : model.impl().members) {
    alone.push_back(predict_rows(model.impl(), std::span(&member, 1), fresh, rows));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_FALSE(alone[0][i].costs.spread.has_value());
    for (const PredictedCost& cost : predicted_costs()) {
      double mean = 0, squares = 0;
      for (const auto& member : alone) mean += std::log(cost.of(member[i].costs)) / 3;
      for (const auto& member : alone) {
        squares += std::pow(std::log(cost.of(member[i].costs)) - mean, 2);
      }
      EXPECT_NEAR(std::log(cost.of(together[i].costs)), mean, 1e-9);
      EXPECT_NEAR(cost.spread_of(together[i].costs), 100 * std::sqrt(squares / 2), 1e-7);
    }
    const double probability =
        (alone[0][i].feasible_probability + alone[1][i].feasible_probability +
         alone[2][i].feasible_probability) /
        3;
    EXPECT_NEAR(together[i].feasible_probability, probability, 1e-12);
  }
}

TEST(Ensemble, IsBetterThanItsMembers) {
  const TrainedSurrogate trained = train_surrogate(synthetic_data(3000, 1), small_options(5));
  const TrainingReport& report = trained.report;
  EXPECT_EQ(report.members.size(), 5U);
  EXPECT_LT(report.errors.mean_mape_percent(), 0.9 * report.member_mape_percent);
  ASSERT_EQ(report.uncertainty.size(), kPredictedCosts);
  const auto json = nlohmann::json::parse(trained.model.report());
  EXPECT_EQ(json["best_epochs"].size(), 5U);
  EXPECT_EQ(json["options"]["ensemble"], 5);
  EXPECT_EQ(json["held_out_uncertainty"]["energy"]["by_spread"].size(), 4U);
}

TEST(Ensemble, IsUnsureOfWhatItHasNeverSeen) {
  // Trained without the second-largest number of units, asked about that and about the others.
  constexpr std::size_t kUnseen = 3;
  const Dataset all = synthetic_data(3000, 1);
  Dataset some(all.header());
  for (std::size_t r = 0; r < all.rows(); ++r) {
    if (all.hardware(r)[0] != kUnseen) some.append(all.network(r), all.hardware(r), all.label(r));
  }
  TrainingOptions options = small_options(4);
  options.epochs = 40;
  const TrainedSurrogate trained = train_surrogate(some, options);
  const Dataset fresh = synthetic_data(500, 2);
  const auto predictions = predict_rows(trained.model, fresh, all_rows(fresh));
  double seen = 0, unseen = 0;
  std::size_t pairs_unseen = 0;
  for (std::size_t r = 0; r < fresh.rows(); ++r) {
    const bool known = fresh.hardware(r)[0] != kUnseen;
    (known ? seen : unseen) += predictions[r].costs.spread->latency_percent;
    if (!known) ++pairs_unseen;
  }
  seen /= static_cast<double>(fresh.rows() - pairs_unseen);
  unseen /= static_cast<double>(pairs_unseen);
  EXPECT_GT(unseen, 1.4 * seen);
}

TEST(Ensemble, TheFirstMemberIsTheSingleNetworkAndTheOthersAreNot) {
  const Dataset data = synthetic_data(600, 1);
  const TrainedSurrogate one = train_surrogate(data, small_options(1));
  const TrainedSurrogate two = train_surrogate(data, small_options(2));
  const auto parameters = [](const TrainedSurrogate& trained, std::size_t member) {
    const auto span = std::as_const(trained.model.impl().members[member]).parameters();
    return std::vector<float>(span.begin(), span.end());
  };
  EXPECT_EQ(parameters(one, 0), parameters(two, 0));
  EXPECT_NE(parameters(two, 0), parameters(two, 1));
}

TEST(Ensemble, WorkersChangeNoByteAndAFileKeepsAllMembers) {
  const TemporaryFolder folder;
  const Dataset data = synthetic_data(600, 1);
  std::vector<std::string> files;
  for (const int workers : {1, 2, 3}) {
    TrainingControl control;
    control.workers = workers;
    std::size_t last = 0;
    control.on_epoch = [&](std::size_t done, const SurrogateErrors*) {
      EXPECT_GE(done, last);
      last = done;
    };
    const TrainedSurrogate trained = train_surrogate(data, small_options(3), control);
    trained.model.save(folder.path() / "model.h5");
    files.push_back(folder.read("model.h5"));
    EXPECT_LE(last, 24U);
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_EQ(files[0], files[2]);
  const Surrogate loaded = Surrogate::load(folder.path() / "model.h5");
  EXPECT_EQ(loaded.members(), 3U);
  loaded.save(folder.path() / "again.h5");
  EXPECT_EQ(folder.read("again.h5"), files[0]);
}

TEST(Ensemble, StoppedOrDivergedInWorkersIsARunError) {
  const Dataset data = synthetic_data(600, 1);
  TrainingControl control;
  control.workers = 2;
  control.keep_going = [] { return false; };
  EXPECT_THAT(message_of<RunError>([&] { train_surrogate(data, small_options(2), control); }),
              HasSubstr("training stopped"));
  control.keep_going = {};
  TrainingOptions wild = small_options(2);
  wild.learning_rate = 1;
  wild.weight_decay = 0;
  wild.latency_weight = 1e30;
  EXPECT_THAT(message_of<RunError>([&] { train_surrogate(data, wild, control); }),
              HasSubstr("diverged"));
}

}  // namespace
}  // namespace dovetail
