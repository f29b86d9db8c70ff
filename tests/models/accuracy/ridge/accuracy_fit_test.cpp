#include "models/accuracy/ridge/accuracy_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "base/files/paths.h"
#include "base/numbers/statistics.h"
#include "base/text/error.h"
#include "models/accuracy/ridge/ridge_predictor.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

TEST(SplitNetworks, IsAPartitionThatTheSeedDecides) {
  const AccuracySplit split = split_networks(101, 4, 0.2);
  EXPECT_EQ(split.held_out.size(), 20U);
  EXPECT_EQ(split.train.size(), 81U);
  std::set<std::size_t> all(split.train.begin(), split.train.end());
  all.insert(split.held_out.begin(), split.held_out.end());
  EXPECT_EQ(all.size(), 101U);
  EXPECT_EQ(split_networks(101, 4, 0.2).held_out, split.held_out);
  EXPECT_NE(split_networks(101, 5, 0.2).held_out, split.held_out);
}

TEST(FitAccuracy, ReportsWhatTheWrittenCoefficientsDo) {
  const NetworkSpace space = small_space();
  const MeasuredAccuracies data = small_data(space, 200);
  AccuracyFitOptions options;
  options.seed = 11;
  options.other_splits = 2;
  options.random_networks = 200;
  std::size_t calls = 0;
  const RidgeModel model =
      fit_accuracy(data, space, options, [&](std::size_t, std::size_t) { ++calls; });
  EXPECT_EQ(calls, 3U);
  EXPECT_EQ(model.train, 160U);
  EXPECT_EQ(model.held_out, 40U);
  ASSERT_EQ(model.other_splits.size(), 2U);
  EXPECT_EQ(model.other_splits[0].seed, 12U);
  const AccuracySplit split = split_networks(200, 11, options.held_out_fraction);
  const HeldOutError error = measure_error(model.ridge, data, space, split.held_out);
  EXPECT_EQ(error.rmse_points, model.held_out_error.rmse_points);
  EXPECT_LT(error.rmse_points, 0.05);
  EXPECT_GT(error.kendall_tau, 0.95);
  EXPECT_DOUBLE_EQ(model.margin, kMarginInRmse * error.rmse_points);
  for (const double c : model.ridge.pair) EXPECT_EQ(std::round(c * 1e5) / 1e5, c);
  // The range is that of the fitted part alone.
  double low = 100, high = 0;
  for (const std::size_t i : split.train) {
    low = std::min(low, data.networks[i].top1_percent);
    high = std::max(high, data.networks[i].top1_percent);
  }
  EXPECT_EQ(model.fitted_min, low);
  EXPECT_EQ(model.fitted_max, high);
  EXPECT_EQ(fit_accuracy(data, space, options).to_json(), model.to_json());
}

TEST(FitAccuracy, TooFewNetworksAreAnError) {
  const NetworkSpace space = small_space();
  EXPECT_THROW(fit_accuracy(small_data(space, 10), space, {}), InputError);
}

/// A predictor of configs/accuracy and the data that it was fitted on.
struct Committed {
  std::string name, data;
  MeasurementFormat format;
  double rmse, tau;  // its held-out error is no larger, no smaller
};

std::ostream& operator<<(std::ostream& out, const Committed& committed) {
  return out << committed.name;
}

class CommittedPredictor : public testing::TestWithParam<Committed> {
 protected:
  NetworkSpace space_ = NetworkSpace::load(resolve_config("spaces", GetParam().name));
  std::filesystem::path file_ = configs_folder() / "accuracy" / (GetParam().name + ".json");
  RidgeModel model_ = RidgeModel::load(file_);
};

TEST_P(CommittedPredictor, HeldOutErrorIsDerivedAgainFromTheData) {
  EXPECT_LE(model_.held_out_error.rmse_points, GetParam().rmse);
  EXPECT_GE(model_.held_out_error.kendall_tau, GetParam().tau);
  EXPECT_LE(std::filesystem::file_size(file_), 300'000U);
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  MeasuredAccuracies data =
      read_measured_accuracies(data_folder() / GetParam().data, space_, GetParam().format);
  if (model_.left_out) {
    AboveSplit split = split_above(data, model_.left_out->above_percent);
    EXPECT_EQ(split.left_out.networks.size(), model_.left_out->networks);
    data = std::move(split.above);
  }
  EXPECT_EQ(data.rows, model_.rows);
  EXPECT_EQ(data.networks.size(), model_.networks);
  const AccuracySplit split = split_networks(data.networks.size(), model_.split_seed,
                                             AccuracyFitOptions{}.held_out_fraction);
  ASSERT_EQ(split.held_out.size(), model_.held_out);
  const HeldOutError error = measure_error(model_.ridge, data, space_, split.held_out);
  EXPECT_NEAR(error.rmse_points, model_.held_out_error.rmse_points, 1e-5);
  EXPECT_NEAR(error.kendall_tau, model_.held_out_error.kendall_tau, 1e-5);

  // The coefficients are those of the training part alone.
  const ChoiceFeatures features(space_.decisions());
  std::vector<RidgeExample> train;
  for (const std::size_t i : split.train) {
    const MeasuredNetwork& n = data.networks[i];
    train.push_back({features.of(n.choices, space_.active(n.choices)), n.top1_percent});
  }
  const PairRidge again = fit_pair_ridge(train, features.count(), model_.penalty);
  EXPECT_NEAR(again.intercept, model_.ridge.intercept, 1e-5);
  EXPECT_EQ(again.single_seen, model_.ridge.single_seen);
  EXPECT_EQ(again.pair_seen, model_.ridge.pair_seen);
  for (std::size_t i = 0; i < again.single.size(); ++i) {
    EXPECT_NEAR(again.single[i], model_.ridge.single[i], 1e-5);
  }
  for (std::size_t i = 0; i < again.pair.size(); ++i) {
    EXPECT_NEAR(again.pair[i], model_.ridge.pair[i], 1e-5);
  }
}

/// The predictor of ofa_mbv3_sizes saw what another predictor says, and none of these measurements.
TEST(PredictorOfSizes, OrdersWhatWasMeasuredAtTheOneSizeThatWas) {
  const NetworkSpace sizes = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3_sizes"));
  const auto predictor = load_ridge_predictor(configs_folder() / "accuracy" / "ofa_mbv3_sizes.json",
                                              sizes, OutOfRange::kFlag);
  ASSERT_EQ(sizes.decisions()[0].name, "r");
  const auto at_size = [&](const Choices& network, Choices::value_type size) {
    Choices choices{size};
    choices.insert(choices.end(), network.begin(), network.end());
    return predictor->accuracy(choices).top1_percent;
  };
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  Rng rng(3);
  for (int i = 0; i < 50; ++i) {
    const Choices network = space.decisions().sample(rng);
    for (Choices::value_type size = 1; size < sizes.decisions()[0].choices.size(); ++size) {
      EXPECT_GT(at_size(network, size), at_size(network, size - 1));
    }
  }
  if (data_folder().empty()) GTEST_SKIP() << "no calibration data (DOVETAIL_DATA)";
  const MeasuredAccuracies data =
      read_measured_accuracies(data_folder() / "ofa-mbv3" / "dynast_ofa_mbv3_w10.csv", space, {});
  std::vector<double> measured, predicted;
  double squares = 0;
  for (const MeasuredNetwork& network : data.networks) {
    measured.push_back(network.top1_percent);
    predicted.push_back(at_size(network.choices, 4));
    squares += std::pow(predicted.back() - measured.back(), 2);
  }
  EXPECT_GT(kendall_tau(measured, predicted), 0.90);
  EXPECT_LT(std::sqrt(squares / static_cast<double>(measured.size())), 0.25);
}

/// Climbs to a network whose prediction no change of one decision raises.
double climb(AccuracySource& predictor, const NetworkSpace& space, Rng& rng) {
  Choices best = space.decisions().sample(rng);
  double top1 = predictor.accuracy(best).top1_percent;
  for (bool better = true; better;) {
    better = false;
    for (const Choices& next : space.decisions().neighbours(best)) {
      const double value = predictor.accuracy(next).top1_percent;
      if (value <= top1) continue;
      top1 = value;
      best = next;
      better = true;
    }
  }
  return top1;
}

TEST_P(CommittedPredictor, WhatASearchCanMakeOfItIsPlausibleOrRefused) {
  const auto refusing = load_ridge_predictor(file_, space_);
  const auto flagging = load_ridge_predictor(file_, space_, OutOfRange::kFlag);
  Rng rng(2);
  for (int start = 0; start < 5; ++start) {
    // Climbing finds the predictor's own maximum, which must stay near the best network of the fit.
    EXPECT_LT(climb(*flagging, space_, rng),
              model_.fitted_max + 10 * model_.held_out_error.rmse_points);
  }
  std::size_t refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const Choices network = space_.decisions().sample(rng);
    const AccuracyEstimate estimate = flagging->accuracy(network);
    if (estimate.extrapolated) {
      ++refused;
      EXPECT_THROW(refusing->accuracy(network), InputError);
    } else {
      EXPECT_EQ(refusing->accuracy(network).top1_percent, estimate.top1_percent);
      EXPECT_LE(estimate.top1_percent, model_.fitted_max + model_.margin);
      EXPECT_GE(estimate.top1_percent, model_.fitted_min - model_.margin);
    }
  }
  if (!model_.left_out) {
    EXPECT_LT(refused, 150U) << "random networks should hardly ever be refused";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Configs, CommittedPredictor,
    testing::Values(
        Committed{"ofa_mbv3", "ofa-mbv3/dynast_ofa_mbv3_w10.csv", {}, 0.12, 0.94},
        Committed{
            "nas_bench_macro", "nas-bench-macro/nas-bench-macro_cifar10.json", {}, 0.15, 0.88},
        Committed{"anb_effnet", "accel-nasbench/anb_imagenet.csv", {{}, "val_top1"}, 0.50, 0.90}),
    [](const auto& committed) { return committed.param.name; });

}  // namespace
}  // namespace dovetail
