#include "base/text/error.h"

#include <fmt/core.h>

#include "base/text/message_text.h"

namespace dovetail {

std::string Location::str() const {
  if (file.empty() || line <= 0) return file;
  if (column <= 0) return fmt::format("{}:{}", file, line);
  return fmt::format("{}:{}:{}", file, line, column);
}

namespace {

std::string located(const Location& where, const std::string& message) {
  const std::string place = where.str();
  return message_text(place.empty() ? message : fmt::format("{}: {}", place, message));
}

}  // namespace

InputError::InputError(const Location& where, const std::string& message)
    : std::runtime_error(located(where, message)) {}

}  // namespace dovetail
