#include "nas/strategy/normal.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dovetail {

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}

double normal_distribution(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double expected_shortfall(double limit, double mean, double deviation, bool logarithmic) {
  if (logarithmic ? limit <= 0 : std::isinf(limit)) return 0;
  if (deviation <= 0) return std::max(0.0, limit - (logarithmic ? std::exp(mean) : mean));
  if (!logarithmic) {
    const double z = (limit - mean) / deviation;
    return std::max(0.0, deviation * (z * normal_distribution(z) + normal_density(z)));
  }
  // As the price of a put (Black & Scholes 1973).
  const double z = (std::log(limit) - mean) / deviation;
  const double median_part = std::exp(mean + 0.5 * deviation * deviation);
  return std::max(
      0.0, limit * normal_distribution(z) - median_part * normal_distribution(z - deviation));
}

}  // namespace dovetail
