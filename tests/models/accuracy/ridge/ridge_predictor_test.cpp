#include "models/accuracy/ridge/ridge_predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/paths.h"
#include "models/accuracy/ridge/accuracy_fit.h"
#include "tests/base/files/test_files.h"
#include "tests/models/accuracy/measured/small_space.h"

namespace dovetail {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RidgePredictorTest : public testing::Test {
 protected:
  /// A fit of the small space without networks that have k0 = 7.
  RidgeModel fit() {
    MeasuredAccuracies data = small_data(space_, 250);
    std::erase_if(data.networks, [](const MeasuredNetwork& n) { return n.choices[1] == 2; });
    AccuracyFitOptions options;
    options.other_splits = 1;
    options.random_networks = 100;
    RidgeModel model = fit_accuracy(data, space_, options);
    model.command = "dovetail fit-accuracy";
    model.data = "small.csv";
    return model;
  }
  std::unique_ptr<AccuracySource> load(const RidgeModel& model,
                                       OutOfRange mode = OutOfRange::kRefuse) {
    return load_ridge_predictor(folder_.write("small.json", model.to_json()), space_, mode);
  }
  TemporaryFolder folder_;
  NetworkSpace space_ = small_space();
};

TEST_F(RidgePredictorTest, PredictsWhatWasFitted) {
  const RidgeModel model = fit();
  const auto predictor = load(model);
  const Choices network = {2, 1, 1, 2, 0, 1};
  const AccuracyEstimate estimate = predictor->accuracy(network);
  EXPECT_NEAR(estimate.top1_percent, small_accuracy(space_, network), 0.1);
  EXPECT_FALSE(estimate.extrapolated);
  const ChoiceFeatures features(space_.decisions());
  EXPECT_DOUBLE_EQ(estimate.top1_percent,
                   model.ridge.predict(features.of(network, space_.active(network))));
  EXPECT_THAT(predictor->description(), AllOf(HasSubstr("small"), HasSubstr("RMSE")));
}

TEST_F(RidgePredictorTest, ChoicesWithoutEffectDoNotMatter) {
  const auto predictor = load(fit());
  EXPECT_EQ(predictor->accuracy({0, 1, 1, 0, 0, 0}).top1_percent,
            predictor->accuracy({0, 1, 1, 2, 1, 2}).top1_percent);
}

TEST_F(RidgePredictorTest, RefusesOrFlagsAChoiceNeverSeen) {
  const RidgeModel model = fit();
  const Choices unseen = {1, 2, 0, 0, 0, 0};
  EXPECT_THAT(message_of<InputError>([&] { load(model)->accuracy(unseen); }),
              AllOf(HasSubstr("small.json"), HasSubstr("k0=7")));
  EXPECT_TRUE(load(model, OutOfRange::kFlag)->accuracy(unseen).extrapolated);
}

TEST_F(RidgePredictorTest, RefusesOrFlagsPredictionsBeyondTheFittedRange) {
  RidgeModel model = fit();
  const Choices network = {1, 1, 0, 0, 0, 0};
  const double top1 = load(model)->accuracy(network).top1_percent;
  model.margin = 0.25;
  model.fitted_max = top1 - 0.24;
  EXPECT_NO_THROW(load(model)->accuracy(network));
  model.fitted_max = top1 - 0.26;
  EXPECT_THAT(message_of<InputError>([&] { load(model)->accuracy(network); }),
              HasSubstr("outside the fitted"));
  const AccuracyEstimate flagged = load(model, OutOfRange::kFlag)->accuracy(network);
  EXPECT_TRUE(flagged.extrapolated);
  EXPECT_DOUBLE_EQ(flagged.top1_percent, top1);
  model.fitted_max = 100;
  model.fitted_min = top1 + 0.26;
  EXPECT_THROW(load(model)->accuracy(network), InputError);
}

TEST_F(RidgePredictorTest, RefusesChoicesOfAnotherSpace) {
  const auto predictor = load(fit());
  EXPECT_THROW(predictor->accuracy({0, 0}), InputError);
  EXPECT_THROW(predictor->accuracy({0, 9, 0, 0, 0, 0}), InputError);
  const NetworkSpace ofa = NetworkSpace::load(resolve_config("spaces", "ofa_mbv3"));
  EXPECT_THAT(
      message_of<InputError>([&] { load_ridge_predictor(folder_.path() / "small.json", ofa); }),
      AllOf(HasSubstr("small.json"), HasSubstr("another network space")));
}

TEST_F(RidgePredictorTest, FileRoundTrip) {
  const RidgeModel model = fit();
  const RidgeModel read = RidgeModel::load(folder_.write("a.json", model.to_json()));
  EXPECT_EQ(read.to_json(), model.to_json());
  EXPECT_EQ(read.ridge.single, model.ridge.single);
  EXPECT_EQ(read.ridge.single_seen, model.ridge.single_seen);
  EXPECT_EQ(read.ridge.pair, model.ridge.pair);
  EXPECT_EQ(read.ridge.pair_seen, model.ridge.pair_seen);
  EXPECT_EQ(read.command, "dovetail fit-accuracy");
}

TEST_F(RidgePredictorTest, BadFilesAreErrorsWithTheName) {
  const std::string whole = fit().to_json();
  const auto error = [&](const std::string& text) {
    const auto file = folder_.write("bad.json", text);
    return message_of<InputError>([&] { RidgeModel::load(file); });
  };
  EXPECT_THAT(error(whole.substr(0, whole.size() / 2)), HasSubstr("bad.json"));
  EXPECT_THAT(error("{}"), HasSubstr("schema"));
  EXPECT_THAT(error("[1, 2]"), HasSubstr("bad.json"));
  std::string other = whole;
  other.replace(other.find("ridge_accuracy/1"), 16, "ridge_accuracy/2");
  EXPECT_THAT(error(other), HasSubstr("ridge_accuracy/2"));
  for (const char* list : {"single", "pairs", "other_splits", "guards"}) {
    const std::size_t at = whole.find('"' + std::string(list) + "\":");
    ASSERT_NE(at, std::string::npos) << list;
    std::string renamed = whole;  // the list stays, as what nobody reads
    renamed.insert(at, '"' + std::string(list) + "\": null, \"_");
    renamed.erase(renamed.find("_\"") + 1, 1);
    EXPECT_THAT(error(renamed), HasSubstr("type must be array, but is null")) << list;
  }
  std::string unknown = whole;
  unknown.replace(unknown.rfind("\"k2\""), 4, "\"k9\"");
  EXPECT_THAT(error(unknown), HasSubstr("k9"));
  EXPECT_THROW(RidgeModel::load(folder_.path() / "none.json"), InputError);
}

}  // namespace
}  // namespace dovetail
