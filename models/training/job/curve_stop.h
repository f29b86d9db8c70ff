#pragma once

#include <span>
#include <string>
#include <vector>

namespace dovetail {

/// What the validation accuracy behind the last epoch of one training is expected to be, from that
/// behind each of its first epochs: linear in them. In percent.
struct CurveForecast {
  double intercept = 0;
  std::vector<double> weights;  // one an epoch
  double sigma = 0;             // of the error

  double of(std::span<const double> percents) const;
  bool operator==(const CurveForecast&) const = default;
};

/// Behind this epoch a training goes on only with this validation accuracy.
struct Rung {
  int epoch = 0;
  double least_percent = 0;

  bool operator==(const Rung&) const = default;
};

/// When a training is given up for what other trainings came to.
struct CurveStop {
  double best_percent = 0;               // what is to be reached
  std::vector<CurveForecast> forecasts;  // after one epoch, after two, ...
  std::vector<Rung> rungs = {};

  bool operator==(const CurveStop&) const = default;
};

/// The most that a training may be hoped to come to, two sigma above its forecast, after the
/// epochs whose accuracies are given. Infinite where there is no forecast after so many.
double hoped_for_percent(const CurveStop& stop, std::span<const double> percents);

/// Why a training of so many epochs ends behind the last of those whose accuracies are given, as
/// early_end.h has it; empty if it goes on.
std::string reason_to_stop(const CurveStop& stop, std::span<const double> percents, int epochs);

}  // namespace dovetail
