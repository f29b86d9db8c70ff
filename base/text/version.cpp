#include "base/text/version.h"

#include <fmt/core.h>

namespace dovetail {
namespace {

constexpr std::string_view kCommit = "; commit ";

std::string_view without_commit(std::string_view build) {
  return build.substr(0, build.rfind(kCommit));
}

}  // namespace

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
  return fmt::format(
      "{} ({}, {}, {}{}{})", version(), compiler, type.empty() ? "no build type" : type,
      cpu.empty() ? "portable" : fmt::format("-march={}", cpu), kCommit, DOVETAIL_COMMIT);
}

bool same_build(std::string_view a, std::string_view b) {
  return without_commit(a) == without_commit(b);
}

}  // namespace dovetail
