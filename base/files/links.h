#pragma once

#include <filesystem>

namespace dovetail {

/// Where a name leads: without links, dots and doubled slashes. A link whose target is not there
/// leads to that target all the same, which is what is made when the name is written to. What no
/// system can follow stays as it is named.
std::filesystem::path place_led_to(const std::filesystem::path& file);

}  // namespace dovetail
