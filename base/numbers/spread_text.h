#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// "MEAN +- DEVIATION" with so many decimals; "-" of no values.
std::string mean_and_deviation(const std::vector<double>& values, int decimals);

}  // namespace dovetail
