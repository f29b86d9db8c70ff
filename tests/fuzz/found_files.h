#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"

namespace dovetail {

/// The files of `folder`, a path in the source tree, by name; none if it is not there.
inline std::vector<std::filesystem::path> files_of(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  const auto place = std::filesystem::path(DOVETAIL_SOURCE_DIR) / folder;
  for (const auto& entry : std::filesystem::directory_iterator(place, absent)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// The contents of what the fuzzer of a kind of file (tests/fuzz/CMakeLists.txt) ever found.
inline std::vector<std::string> found_by_fuzzer(const std::string& kind) {
  std::vector<std::string> contents;
  for (const auto& file : files_of("tests/fuzz/found/" + kind)) contents.push_back(read_file(file));
  return contents;
}

}  // namespace dovetail
