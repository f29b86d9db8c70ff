#include "base/files/output_lock.h"

#include <fmt/core.h>

#include "base/files/checksum.h"
#include "base/files/links.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

/// Beside where a link leads; short, so that it fits wherever the output does.
fs::path lock_file(const fs::path& output) {
  const fs::path target = place_led_to(fs::absolute(output));
  return target.parent_path() /
         fmt::format(".dovetail-{}.lock", Checksum::of(target.filename().string()));
}

}  // namespace

OutputLock::OutputLock(const fs::path& output)
    : lock_(lock_file(output), output, "is writing it", RecordLock::AtEnd::kRemove) {}

}  // namespace dovetail
