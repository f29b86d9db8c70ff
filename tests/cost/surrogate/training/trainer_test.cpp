#include "cost/surrogate/training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text/error.h"
#include "tests/base/files/test_files.h"
#include "tests/cost/surrogate/training/synthetic_data.h"

namespace dovetail {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TrainingOptions small_options() {
  TrainingOptions options;
  options.hidden = {64, 64};
  options.batch = 64;
  options.epochs = 30;
  return options;
}

TEST(Trainer, ReachesTwoPercentOnSyntheticCosts) {
  const Dataset data = synthetic_data(4000, 1);
  TrainingOptions options = small_options();
  options.epochs = 60;
  std::vector<double> validation;
  TrainingControl control;
  control.on_epoch = [&](std::size_t, const SurrogateErrors* errors) {
    validation.push_back(errors->mean_mape_percent());
  };
  const TrainedSurrogate trained = train_surrogate(data, options, control);
  const SurrogateErrors& errors = trained.report.errors;
  for (const RegressionMetrics& cost : errors.costs) {
    EXPECT_LT(cost.mape_percent, 2);
    EXPECT_GT(cost.r2, 0.99);
    EXPECT_GT(cost.kendall_tau, 0.97);
  }
  EXPECT_GT(errors.infeasible.f1(), 0.97);
  EXPECT_GT(errors.infeasible.positives(), 20U);
  ASSERT_EQ(validation.size(), 60U);
  EXPECT_LT(validation.back(), validation.front() / 4) << "training must reduce the error";
  const double best = *std::min_element(validation.begin(), validation.end());
  EXPECT_EQ(validation[trained.report.members.at(0).best_epoch - 1], best);

  // Pairs of another seed: the held-out error is what one meets outside.
  const Dataset fresh = synthetic_data(2000, 2);
  std::vector<std::size_t> rows(fresh.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const auto outside = measure_errors(fresh, rows, predict_rows(trained.model, fresh, rows));
  EXPECT_LT(outside.latency().mape_percent, 2);
  EXPECT_LT(outside.energy().mape_percent, 2);
}

TEST(Trainer, SplitAddsUpAndIsReported) {
  Dataset data = synthetic_data(1000, 1);
  TrainingOptions options = small_options();
  options.epochs = 2;
  const TrainedSurrogate trained = train_surrogate(data, options);
  const TrainingReport& r = trained.report;
  EXPECT_EQ(r.train + r.validation + r.held_out, 1000U);
  EXPECT_NEAR(static_cast<double>(r.held_out), 100, 5);
  EXPECT_NEAR(static_cast<double>(r.validation), 50, 5);
  const json report = json::parse(trained.model.report());
  EXPECT_EQ(report["split"]["held_out"], r.held_out);
  EXPECT_EQ(report["options"]["epochs"], 2);
  EXPECT_EQ(report["held_out_errors"]["latency"]["mape_percent"], r.errors.latency().mape_percent);
  EXPECT_EQ(report["held_out_errors"]["energy"]["mape_percent"], r.errors.energy().mape_percent);
  EXPECT_EQ(report["held_out_errors"]["energy"]["unit"], "mJ");
  EXPECT_FALSE(report.contains("held_out_uncertainty"));  // of one network
  EXPECT_FALSE(report.contains("training_seconds"));
  EXPECT_TRUE(json::parse(r.to_json(options, true)).contains("training_seconds"));
}

TEST(Trainer, EqualPairsStayTogether) {
  // Each of 100 pairs ten times: were they dealt out row by row, the parts could not be of whole
  // tens.
  const Dataset base = synthetic_data(100, 1, true);
  Dataset data(base.header());
  for (int copy = 0; copy < 10; ++copy) {
    for (std::size_t i = 0; i < base.rows(); ++i) {
      data.append(base.network(i), base.hardware(i), base.label(i));
    }
  }
  TrainingOptions options = small_options();
  options.epochs = 1;
  const TrainingReport report = train_surrogate(data, options).report;
  EXPECT_EQ(report.held_out % 10, 0U);
  EXPECT_EQ(report.validation % 10, 0U);
  EXPECT_EQ(report.train % 10, 0U);
}

TEST(Trainer, SameInputGivesSameBytesAndAnotherSeedOthers) {
  const TemporaryFolder folder;
  const Dataset data = synthetic_data(600, 1);
  TrainingOptions options = small_options();
  options.epochs = 3;
  options.dropout = 0.1;
  train_surrogate(data, options).model.save(folder.path() / "a.h5");
  train_surrogate(data, options).model.save(folder.path() / "b.h5");
  options.seed = 1;
  train_surrogate(data, options).model.save(folder.path() / "c.h5");
  EXPECT_EQ(folder.read("a.h5"), folder.read("b.h5"));
  EXPECT_NE(folder.read("a.h5"), folder.read("c.h5"));
}

TEST(Trainer, WithoutInfeasiblePairsFeasibilityIsNotPretended) {
  const Dataset data = synthetic_data(600, 1, true);
  ASSERT_EQ(data.feasible_rows(), data.rows());
  TrainingOptions options = small_options();
  options.epochs = 2;
  const TrainedSurrogate trained = train_surrogate(data, options);
  EXPECT_FALSE(trained.model.knows_feasibility());
  EXPECT_FALSE(trained.report.knows_feasibility);
  const json report = json::parse(trained.model.report());
  EXPECT_TRUE(report["held_out_errors"]["infeasible"].is_null());
  EXPECT_THAT(report["note"].get<std::string>(), HasSubstr("not learned"));
  const std::vector<Choices> network = {data.network(0)}, hardware = {data.hardware(0)};
  EXPECT_EQ(trained.model.predict(network, hardware)[0].feasible_probability, 1);
}

TEST(Trainer, TooLittleDataIsAnError) {
  EXPECT_THAT(message_of<InputError>([] { train_surrogate(synthetic_data(30, 1), {}); }),
              HasSubstr("too few"));
  EXPECT_THROW(train_surrogate(synthetic_data(0, 1), {}), InputError);
}

TEST(Trainer, StoppingAndDivergingAreRunErrors) {
  const Dataset data = synthetic_data(600, 1);
  std::size_t epochs = 0;
  TrainingControl control;
  control.on_epoch = [&](std::size_t epoch, const SurrogateErrors*) { epochs = epoch; };
  control.keep_going = [&] { return epochs < 2; };
  EXPECT_THAT(message_of<RunError>([&] { train_surrogate(data, small_options(), control); }),
              HasSubstr("after epoch 2 of 30"));
  TrainingOptions wild = small_options();
  wild.learning_rate = 1;
  wild.weight_decay = 0;
  wild.latency_weight = 1e30;
  EXPECT_THAT(message_of<RunError>([&] { train_surrogate(data, wild); }), HasSubstr("diverged"));
}

TEST(Trainer, OptionsOutOfRangeAreErrors) {
  const auto refused = [](auto change) {
    TrainingOptions options;
    change(options);
    EXPECT_THROW(options.validate(), InputError);
  };
  EXPECT_NO_THROW(TrainingOptions{}.validate());
  refused([](TrainingOptions& o) { o.epochs = 0; });
  refused([](TrainingOptions& o) { o.ensemble = 0; });
  refused([](TrainingOptions& o) { o.ensemble = 101; });
  refused([](TrainingOptions& o) { o.batch = 0; });
  refused([](TrainingOptions& o) { o.hidden = {64, 0}; });
  refused([](TrainingOptions& o) { o.learning_rate = 0; });
  refused([](TrainingOptions& o) { o.weight_decay = -1; });
  refused([](TrainingOptions& o) { o.dropout = 1; });
  refused([](TrainingOptions& o) { o.latency_weight = 0; });
  refused([](TrainingOptions& o) { o.energy_weight = 0; });
  refused([](TrainingOptions& o) { o.held_out_fraction = 0.97; });
}

TEST(Trainer, AreaHeadOnRequest) {
  const Dataset data = synthetic_data(3000, 1), fresh = synthetic_data(500, 2);
  TrainingOptions options;
  options.hidden = {32, 16};
  options.epochs = 20;
  const Surrogate without = train_surrogate(data, options).model;
  options.area_head = true;
  const TrainedSurrogate with = train_surrogate(data, options);
  EXPECT_FALSE(without.predicts_area());
  EXPECT_TRUE(with.model.predicts_area());
  EXPECT_EQ(with.report.errors.area.count, with.report.held_out);  // infeasible ones, too
  EXPECT_THAT(with.model.report(), testing::HasSubstr("\"area\""));
  EXPECT_THAT(without.report(), testing::Not(testing::HasSubstr("\"area\"")));

  const TemporaryFolder folder;
  with.model.save(folder.path() / "m.h5");
  const Surrogate loaded = Surrogate::load(folder.path() / "m.h5");
  double error = 0;
  for (std::size_t row = 0; row < fresh.rows(); ++row) {
    const std::vector<Choices> network = {fresh.network(row)}, hardware = {fresh.hardware(row)};
    const double area = loaded.predict(network, hardware)[0].costs.area_mm2;
    EXPECT_EQ(area, with.model.predict(network, hardware)[0].costs.area_mm2);
    error += std::abs(area / fresh.label(row).area_mm2 - 1) / static_cast<double>(fresh.rows());
    EXPECT_TRUE(std::isnan(without.predict(network, hardware)[0].costs.area_mm2));
  }
  EXPECT_LT(error, 0.1);
}

}  // namespace
}  // namespace dovetail
