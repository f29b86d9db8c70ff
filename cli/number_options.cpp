#include "cli/number_options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
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

}  // namespace dovetail
