#include "nas/strategy/rate_schedule.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

/// How far a logit would go in a whole search if each step pushed it one way: what the learning
/// rate is for when none is given. TuNAS's own rates sum up to some 370 in ten times the steps.
constexpr double kPath = 60;

}  // namespace

double RateSchedule::at(std::size_t step, std::size_t steps) const {
  if (steps == 0) return first;
  const double done = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
  if (done < delay) return 0;
  const double share = delay < 1 ? (done - delay) / (1 - delay) : 0;
  // The mean of growth^x over 0 to 1.
  const double mean = growth > 1 ? (growth - 1) / std::log(growth) : 1;
  const double learning = (1 - delay) * static_cast<double>(steps);
  const double start = first > 0 ? first : kPath / (learning * mean);
  return start * std::pow(growth, share);
}

}  // namespace dovetail
