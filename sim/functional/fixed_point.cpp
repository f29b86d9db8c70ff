#include "sim/functional/fixed_point.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::int64_t kMostProducts = 65000;  // of 127 * 255 in an int32, and a bias

}  // namespace

void set_multipliers(const std::vector<double>& scales, QuantizedLayer& q) {
  int exponent = 0;
  std::frexp(*std::max_element(scales.begin(), scales.end()), &exponent);
  q.shift = std::clamp(31 - exponent, 1, 62);
  for (const double scale : scales) {
    const double factor = std::round(std::ldexp(scale, q.shift));
    q.multipliers.push_back(static_cast<std::int32_t>(std::min(factor, 2147483647.0)));
  }
}

void require_sums_fit(const Layer& layer) {
  const std::int64_t products = layer.weight_count() / layer.output.channels;
  if (products <= kMostProducts) return;
  throw InputError(fmt::format(
      "layer {}: {} products an output could overflow int32 accumulators; at most {} cannot",
      layer.name, products, kMostProducts));
}

}  // namespace dovetail
