#include "base/numbers/spread_text.h"

#include <fmt/core.h>

#include "base/numbers/samples.h"

namespace dovetail {

std::string mean_and_deviation(const std::vector<double>& values, int decimals) {
  if (values.empty()) return "-";
  const Spread spread = Spread::of(values);
  return fmt::format("{:.{}f} +- {:.{}f}", spread.mean, decimals, spread.deviation, decimals);
}

}  // namespace dovetail
