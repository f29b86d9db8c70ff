#include "cli/written_text.h"

#include <fmt/core.h>

#include "base/files/atomic_file.h"

namespace dovetail {

void write_text(const std::string& file, const std::function<std::string()>& text) {
  if (file == "-") {
    fmt::print("{}", text());
  } else if (!file.empty()) {
    write_file_atomically(file, text());
  }
}

}  // namespace dovetail
