#include "models/training/job/curve_stop.h"

#include <limits>
#include <numeric>

namespace dovetail {

double CurveForecast::of(std::span<const double> percents) const {
  return std::inner_product(weights.begin(), weights.end(), percents.begin(), intercept);
}

double hoped_for_percent(const CurveStop& stop, std::span<const double> percents) {
  if (percents.empty() || percents.size() > stop.forecasts.size()) {
    return std::numeric_limits<double>::infinity();
  }
  const CurveForecast& forecast = stop.forecasts[percents.size() - 1];
  return forecast.of(percents) + 2 * forecast.sigma;
}

}  // namespace dovetail
