#pragma once

#include <map>
#include <optional>
#include <string>

namespace dovetail {

/// "nahas_edge:pes_x=4,pes_y=4": something that has a name or a file, and values for some of its
/// parts.
struct PointName {
  std::string of;
  std::map<std::string, std::string> values;
};

/// Nothing if the text has no ':' with a '=' behind it, or is the name of a file that is there.
/// Throws InputError for a part without a value, or one that stands twice.
std::optional<PointName> point_name(const std::string& text);

}  // namespace dovetail
