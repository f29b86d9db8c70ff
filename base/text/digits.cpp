#include "base/text/digits.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr int kSignificant = 3;
constexpr int kMostDecimals = 12;  // below, a figure of a table is nothing

}  // namespace

std::string digits_text(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  if (value != 0) {
    const int wanted = kSignificant - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
    decimals = std::clamp(wanted, decimals, std::max(decimals, kMostDecimals));
  }
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace dovetail
