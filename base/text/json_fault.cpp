#include "base/text/json_fault.h"

#include <string_view>

namespace dovetail {

std::string json_fault(const std::exception& fault) {
  std::string text = fault.what();
  if (!text.starts_with("[json.exception.")) return text;
  const std::size_t end = text.find("] ");
  if (end != std::string::npos) text.erase(0, end + 2);
  // "cannot use at() with number": a function of the library.
  constexpr std::string_view kCannot = "cannot use ", kWith = " with ";
  if (text.starts_with(kCannot)) {
    const std::size_t with = text.rfind(kWith);
    if (with != std::string::npos) {
      text = "found a " + text.substr(with + kWith.size()) + " where another kind of value belongs";
    }
  }
  return text;
}

}  // namespace dovetail
