#include "models/training/job/curve_stop.h"

#include <fmt/core.h>

#include <limits>
#include <numeric>

#include "models/training/job/early_end.h"

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

std::string reason_to_stop(const CurveStop& stop, std::span<const double> percents, int epochs) {
  if (percents.empty()) return "";
  const double hoped_for = hoped_for_percent(stop, percents);
  if (hoped_for < stop.best_percent) {
    return fmt::format(
        "{}after {} of {} epochs no more than {:.2f} % is to be hoped for, and {:.2f} % is there",
        kBehindTheBest, percents.size(), epochs, hoped_for, stop.best_percent);
  }
  for (const Rung& rung : stop.rungs) {
    if (static_cast<std::size_t>(rung.epoch) != percents.size()) continue;
    if (percents.back() >= rung.least_percent) continue;
    return fmt::format("{}{:.2f} % after {} of {} epochs, and {:.2f} % goes on", kNotPromoted,
                       percents.back(), rung.epoch, epochs, rung.least_percent);
  }
  return "";
}

}  // namespace dovetail
