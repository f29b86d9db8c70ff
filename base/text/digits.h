#pragma once

#include <string>

namespace dovetail {

/// `value` with so many decimals, or with as many more as leave three significant digits of it:
/// at four decimals 1.2346, and 0.00441 rather than 0.0044. "-" of what is not finite.
std::string digits_text(double value, int decimals);

}  // namespace dovetail
