#include "cost/figures/figure_range.h"

#include <fmt/core.h>

#include <cmath>

#include "base/text/error.h"

namespace dovetail {

void require_in_range(const Figure& figure, double value) {
  const bool share = figure.unit == "%";
  if (std::isfinite(value) && value >= 0 && (!share || value <= 100)) return;
  throw InputError(fmt::format("found {} {}, allowed {}", figure.key, value,
                               share ? "a number from 0 to 100" : "a number of at least 0"));
}

}  // namespace dovetail
