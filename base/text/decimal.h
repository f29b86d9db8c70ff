#pragma once

#include <optional>
#include <string_view>

namespace dovetail {

/// The finite number that a whole text is, as one writes it: 010 means eight to some readers and
/// ten to others, so it is none. Nothing if it is none.
std::optional<double> decimal_number(std::string_view text);

}  // namespace dovetail
