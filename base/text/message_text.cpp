#include "base/text/message_text.h"

#include <fmt/core.h>

namespace dovetail {
namespace {

constexpr std::size_t kLongest = 8000;  // bytes; a list of everything known is shorter

}  // namespace

std::string message_text(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
    shown += control ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  if (text.size() > kLongest) shown += fmt::format("... ({} bytes more)", text.size() - kLongest);
  return shown;
}

}  // namespace dovetail
