#include "base/files/checksum.h"

#include <fmt/core.h>

namespace dovetail {

std::string Checksum::text() const {
  return fmt::format("{:016x}", hash_);
}

}  // namespace dovetail
