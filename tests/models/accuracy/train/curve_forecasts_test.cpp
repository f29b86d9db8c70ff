#include "models/accuracy/train/curve_forecasts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/numbers/random.h"

namespace dovetail {
namespace {

constexpr std::size_t kEpochs = 5;

/// Curves that rise to an end which the first epoch and the traits tell but for `noise`.
std::vector<FinishedTraining> made(std::size_t count, double noise, std::uint64_t seed = 1) {
  Rng rng(seed);
  std::vector<FinishedTraining> trainings;
  for (std::size_t i = 0; i < count; ++i) {
    FinishedTraining training;
    training.traits = {13 + rng.uniform(), 10 + rng.uniform(), -2.0};
    const double first = 40 + 20 * rng.uniform();
    const double last = 60 + 0.4 * first + 3 * (training.traits.log_macs - 13) -
                        2 * (training.traits.log_parameters - 10) + noise * (2 * rng.uniform() - 1);
    for (std::size_t e = 0; e < kEpochs; ++e) {
      const double share = static_cast<double>(e) / (kEpochs - 1);
      training.percents.push_back(first + (last - first) * std::sqrt(share));
    }
    trainings.push_back(training);
  }
  return trainings;
}

double forecast(const CurveForecasts& forecasts, const FinishedTraining& training,
                std::size_t epochs) {
  return forecasts.of(training.traits)
      .at(epochs - 1)
      .of(std::span(training.percents).first(epochs));
}

TEST(CurveForecastsTest, FewTrainingsTellNothing) {
  const TrainingTraits traits{13, 10, -2};
  EXPECT_TRUE(CurveForecasts().of(traits).empty());
  EXPECT_TRUE(CurveForecasts(made(CurveForecasts::kFewestTrainings - 1, 0)).of(traits).empty());
  EXPECT_EQ(CurveForecasts(made(CurveForecasts::kFewestTrainings, 0)).of(traits).size(), 3U);
}

TEST(CurveForecastsTest, NoneIsOfTheLastEpoch) {
  std::vector<FinishedTraining> trainings = made(20, 1);
  for (FinishedTraining& training : trainings) training.percents.resize(2);
  EXPECT_EQ(CurveForecasts(trainings).of({13, 10, -2}).size(), 1U);
  for (FinishedTraining& training : trainings) training.percents.resize(1);
  EXPECT_TRUE(CurveForecasts(trainings).of({13, 10, -2}).empty());
}

TEST(CurveForecastsTest, WhatIsLinearIsFound) {
  const CurveForecasts forecasts(made(60, 0));
  for (const FinishedTraining& other : made(10, 0, 2)) {
    for (std::size_t epochs = 1; epochs <= CurveForecasts::kMostEpochs; ++epochs) {
      EXPECT_NEAR(forecast(forecasts, other, epochs), other.percents.back(), 0.02) << epochs;
    }
    EXPECT_LT(forecasts.of(other.traits)[0].sigma, 0.02);
  }
}

TEST(CurveForecastsTest, SigmaIsTheErrorOfTrainingsThatItWasNotFittedTo) {
  const CurveForecasts forecasts(made(200, 3));
  const std::vector<FinishedTraining> others = made(400, 3, 7);
  double squares = 0;
  for (const FinishedTraining& other : others) {
    squares += std::pow(forecast(forecasts, other, 1) - other.percents.back(), 2);
  }
  const double error = std::sqrt(squares / static_cast<double>(others.size()));
  const double sigma = forecasts.of(others[0].traits)[0].sigma;
  EXPECT_NEAR(sigma, error, 0.15 * error);
  EXPECT_NEAR(sigma, 3 / std::sqrt(3), 0.3) << "the deviation of what is uniform within 3";
}

TEST(CurveForecastsTest, ATraitThatAllShareHasNoSay) {
  const CurveForecasts forecasts(made(30, 1));
  FinishedTraining one = made(1, 1, 3).front();
  const double before = forecast(forecasts, one, 2);
  one.traits.log_lr = 1;
  EXPECT_NEAR(forecast(forecasts, one, 2), before, 1e-6);
}

TEST(CurveForecastsTest, TheSameTrainingsGiveTheSameForecasts) {
  const TrainingTraits traits{13.5, 10.5, -2};
  EXPECT_EQ(CurveForecasts(made(25, 2)).of(traits), CurveForecasts(made(25, 2)).of(traits));
}

}  // namespace
}  // namespace dovetail
