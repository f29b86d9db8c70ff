#include "cli/number_options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>

namespace dovetail {

CLI::Option* allow_positive(CLI::Option* option) {
  const auto check = [](const std::string& text) {
    double value = 0;
    const bool number = CLI::detail::lexical_cast(text, value);
    if (number && std::isfinite(value) && value > 0) return std::string();
    return fmt::format("found '{}', allowed a number above 0", text);
  };
  return option->check(CLI::Validator(check, "POSITIVE"));
}

CLI::Option* allow_study_seeds(CLI::Option* option) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto seen = std::make_shared<std::set<std::string>>();
  const auto once = [seen](const std::string& text) {
    return seen->insert(text).second ? std::string() : fmt::format("found seed {} twice", text);
  };
  return option->check(CLI::Range(std::uint64_t{0}, kMost))->check(CLI::Validator(once, ""));
}

}  // namespace dovetail
