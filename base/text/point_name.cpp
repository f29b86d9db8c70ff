#include "base/text/point_name.h"

#include <fmt/core.h>

#include <filesystem>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {

std::optional<PointName> point_name(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const std::size_t colon = text.rfind(':', equals);  // names of files may have others before it
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored)) return std::nullopt;
  PointName point{text.substr(0, colon), {}};
  for (const std::string& part : split(text.substr(colon + 1), ',')) {
    const std::size_t at = part.find('=');
    const std::string name(trim(part.substr(0, at)));
    if (at == std::string::npos || name.empty() || trim(part.substr(at + 1)).empty()) {
      throw InputError(fmt::format("'{}': found '{}', allowed NAME=VALUE", text, part));
    }
    if (!point.values.emplace(name, trim(part.substr(at + 1))).second) {
      throw InputError(fmt::format("'{}': found '{}' twice", text, name));
    }
  }
  return point;
}

}  // namespace dovetail
