#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/training/job/curve_stop.h"

namespace dovetail {

/// What is known of a training before it begins.
struct TrainingTraits {
  double log_macs = 0, log_parameters = 0, log_lr = 0;  // natural logarithms
};

/// A training that came to its end.
struct FinishedTraining {
  TrainingTraits traits;
  std::vector<double> percents;  // validation accuracy behind each epoch
};

/// Forecasts the last validation accuracy of a training from its first epochs, by ridge regression
/// on the accuracies so far, the differences between them, and the traits, each with a mean of 0
/// and a variance of 1 over the finished trainings: learning-curve regression as surveys of the
/// field describe it. The penalty is that, of five, with the least error on trainings left out one
/// by one; sigma is the root mean square of these errors.
class CurveForecasts {
 public:
  static constexpr std::size_t kFewestTrainings = 20;
  static constexpr std::size_t kMostEpochs = 3;  // after which it forecasts

  /// Knows nothing.
  CurveForecasts() = default;
  /// Knows nothing of fewer than kFewestTrainings; all have the same number of epochs.
  explicit CurveForecasts(std::span<const FinishedTraining> finished);

  /// After one epoch, after two, ...: none if it knows nothing, and none for the last epoch.
  std::vector<CurveForecast> of(const TrainingTraits& traits) const;

 private:
  /// After so many epochs.
  struct Fit {
    double intercept = 0;
    std::vector<double> epochs, differences, traits;  // coefficients of the figures as they are
    double sigma = 0;
  };
  static Fit fit(std::span<const FinishedTraining> finished, std::size_t epochs);

  std::vector<Fit> fits_;
};

}  // namespace dovetail
