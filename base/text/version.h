#pragma once

#include <string>

namespace dovetail {

/// "0.1.0", as in CMakeLists.txt.
std::string version();
/// Version, compiler, build type and -march, as recorded beside every result.
std::string build_description();

}  // namespace dovetail
