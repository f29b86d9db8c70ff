#include "base/text/version.h"

#include <fmt/core.h>

#include <string_view>

namespace dovetail {

std::string version() {
  return DOVETAIL_VERSION;
}

std::string build_description() {
#if defined(__clang__)
  const std::string compiler = "clang++ " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  const std::string_view type = DOVETAIL_BUILD_TYPE;
  const std::string_view cpu = DOVETAIL_CPU;
  return fmt::format("{} ({}, {}, {})", version(), compiler, type.empty() ? "no build type" : type,
                     cpu.empty() ? "portable" : fmt::format("-march={}", cpu));
}

}  // namespace dovetail
