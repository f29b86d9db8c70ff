#include "models/accuracy/train/curve_forecasts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/accuracy/transfer/least_squares.h"

namespace dovetail {
namespace {

using FigureRow = std::vector<double>;

constexpr std::array kPenalties{0.01, 0.1, 1.0, 10.0, 100.0};  // of figures of variance 1

/// Accuracies of the first epochs, differences between them, traits.
FigureRow figures_of(const FinishedTraining& training, std::size_t epochs) {
  FigureRow figures(training.percents.begin(),
                    training.percents.begin() + static_cast<std::ptrdiff_t>(epochs));
  for (std::size_t e = 1; e < epochs; ++e) figures.push_back(figures[e] - figures[e - 1]);
  const TrainingTraits& traits = training.traits;
  figures.insert(figures.end(), {traits.log_macs, traits.log_parameters, traits.log_lr});
  return figures;
}

/// Mean and deviation of each column; a deviation of 1 where all rows have the same.
struct Scale {
  FigureRow mean, deviation;
  explicit Scale(std::span<const FigureRow> rows)
      : mean(rows.front().size(), 0), deviation(rows.front().size(), 0) {
    const auto count = static_cast<double>(rows.size());
    for (std::size_t k = 0; k < mean.size(); ++k) {
      for (const FigureRow& row : rows) mean[k] += row[k] / count;
      for (const FigureRow& row : rows) deviation[k] += std::pow(row[k] - mean[k], 2) / count;
      deviation[k] = std::sqrt(deviation[k]);
      // What differs by rounding alone is one value.
      if (!(deviation[k] > 1e-9 * std::max(1.0, std::abs(mean[k])))) deviation[k] = 1;
    }
  }
  /// 1 and the scaled figures.
  FigureRow of(const FigureRow& row) const {
    FigureRow scaled{1};
    for (std::size_t k = 0; k < row.size(); ++k) {
      scaled.push_back((row[k] - mean[k]) / deviation[k]);
    }
    return scaled;
  }
};

/// A ridge regression as a least-squares problem: a row more for each coefficient but the first.
struct RidgeProblem {
  std::vector<FigureRow> rows;
  std::vector<double> values;
  RidgeProblem(std::vector<FigureRow> given, std::vector<double> targets, double penalty)
      : rows(std::move(given)), values(std::move(targets)) {
    const std::size_t columns = rows.front().size();
    for (std::size_t k = 1; k < columns; ++k) {
      FigureRow& row = rows.emplace_back(columns, 0.0);
      row[k] = std::sqrt(penalty);
      values.push_back(0);
    }
  }
  /// Root mean square error of the first `count` rows, each left out in turn. (The others are no
  /// examples: without one of them nothing holds its coefficient back.)
  double left_out_error(std::size_t count) const {
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      RidgeProblem others = *this;
      const auto place = static_cast<std::ptrdiff_t>(i);
      others.rows.erase(others.rows.begin() + place);
      others.values.erase(others.values.begin() + place);
      const FigureRow fitted = least_squares(others.rows, others.values);
      const double found = std::inner_product(fitted.begin(), fitted.end(), rows[i].begin(), 0.0);
      squares += std::pow(found - values[i], 2) / static_cast<double>(count);
    }
    return std::sqrt(squares);
  }
};

}  // namespace

CurveForecasts::CurveForecasts(std::span<const FinishedTraining> finished) {
  if (finished.size() < kFewestTrainings) return;
  const std::size_t last = finished.front().percents.size();
  for (std::size_t epochs = 1; epochs <= kMostEpochs && epochs < last; ++epochs) {
    fits_.push_back(fit(finished, epochs));
  }
}

CurveForecasts::Fit CurveForecasts::fit(std::span<const FinishedTraining> finished,
                                        std::size_t epochs) {
  std::vector<FigureRow> figures, scaled;
  std::vector<double> ends;
  for (const FinishedTraining& training : finished) {
    figures.push_back(figures_of(training, epochs));
    ends.push_back(training.percents.back());
  }
  const Scale scale(figures);
  for (const FigureRow& row : figures) scaled.push_back(scale.of(row));
  Fit best;
  best.sigma = std::numeric_limits<double>::infinity();
  FigureRow coefficients;
  for (const double penalty : kPenalties) {
    const RidgeProblem problem(scaled, ends, penalty);
    const double error = problem.left_out_error(finished.size());
    if (!(error < best.sigma)) continue;
    best.sigma = error;
    coefficients = least_squares(problem.rows, problem.values);
  }
  best.intercept = coefficients.front();
  for (std::size_t k = 0; k < scale.mean.size(); ++k) {
    const double coefficient = coefficients[k + 1] / scale.deviation[k];
    best.intercept -= coefficient * scale.mean[k];
    FigureRow& part = k < epochs           ? best.epochs
                      : k < 2 * epochs - 1 ? best.differences
                                           : best.traits;
    part.push_back(coefficient);
  }
  return best;
}

std::vector<CurveForecast> CurveForecasts::of(const TrainingTraits& traits) const {
  std::vector<CurveForecast> forecasts;
  for (const Fit& fit : fits_) {
    CurveForecast forecast{fit.intercept, fit.epochs, fit.sigma};
    forecast.intercept += fit.traits[0] * traits.log_macs + fit.traits[1] * traits.log_parameters +
                          fit.traits[2] * traits.log_lr;
    for (std::size_t e = 0; e < fit.differences.size(); ++e) {
      forecast.weights[e + 1] += fit.differences[e];
      forecast.weights[e] -= fit.differences[e];
    }
    forecasts.push_back(std::move(forecast));
  }
  return forecasts;
}

}  // namespace dovetail
