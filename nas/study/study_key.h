#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// What reading a study file needs beside the value of a key.
struct StudyReading {
  std::filesystem::path folder;  // to which paths are relative
  /// What depends on keys further down: done in this order when all are read.
  std::vector<std::function<void(StudyConfig&)>> afterwards;
};

/// What a study does with a key, given the keys before it.
struct KeyUse {
  bool required = false;
  std::string refused;  // why it has no effect, which makes it an error; empty if it has one
};

/// A key of a map of the study file: either `read` and `write` or, of a map, `keys`. Files are read
/// and written row by row, so that what is written reads back to the same.
struct StudyKey {
  std::string name;
  KeyUse (*use)(const StudyConfig&) = nullptr;  // none: it may be left out
  void (*read)(const YamlNode&, StudyReading&, StudyConfig&) = nullptr;
  /// The value in one line or, if it opens with a line end, in lines below the key. Empty if it is
  /// left out; a refused one is not asked. None: it has no effect on results.
  std::string (*write)(const StudyConfig&) = nullptr;
  std::vector<StudyKey> keys = {};
  bool (*is_set)(const StudyConfig&) = nullptr;  // of a map that may be left out
  bool in_one_line = false;                      // of a map: {KEY: VALUE, ...}
  bool afterwards = false;                       // of a map: read when all others are
};

/// Reads a map of these keys, and no others but those of `also`, which the caller has read.
void read_keys(const YamlNode& node, const std::vector<StudyKey>& keys, StudyReading& reading,
               StudyConfig& config, const std::vector<std::string>& also = {});
/// Lines that read back to the same.
std::string write_keys(const std::vector<StudyKey>& keys, const StudyConfig& config);

}  // namespace dovetail
