#pragma once

#include <cstdint>
#include <string>

namespace dovetail {

/// "1,234,567": whole numbers as people read them.
std::string grouped(std::int64_t n);

}  // namespace dovetail
