#pragma once

#include <string>
#include <string_view>

namespace dovetail {

/// "0.1.0", as in CMakeLists.txt.
std::string version();

/// Version, compiler, build type, -march and commit, as recorded beside every result:
/// "0.1.0 (g++ 12.2.0, Release, portable; commit 6f9c060c41ab, modified)". The commit is that of
/// the sources, "modified" if they differ from it, "unknown" if they are no checkout.
std::string build_description();

/// Whether results of two builds, as build_description() said of each, may stand in one file: all
/// but the commit must be the same. What a commit changed in the results is for those to find who
/// join them: they compute again some of what is there.
bool same_build(std::string_view a, std::string_view b);

}  // namespace dovetail
