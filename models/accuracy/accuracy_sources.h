#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/files/yaml.h"
#include "models/accuracy/source/accuracy_source.h"
#include "models/network/space/network_side.h"
#include "models/accuracy/accuracy_settings.h"

namespace dovetail {

/// One row of the table of accuracy sources that a study can name.
struct AccuracySourceKind {
  std::string name;
  std::string description;
  std::vector<std::string> keys;  // of a study's `accuracy`, besides `source`
  /// Reads those keys; paths are relative to `folder`.
  void (*read)(YamlMap& map, const std::filesystem::path& folder, AccuracySettings& settings);
  /// Writes them as YAML lines.
  std::string (*write)(const AccuracySettings& settings);
  /// Throws InputError if the source cannot speak about these networks. What `side` points to must
  /// outlive the source.
  std::shared_ptr<AccuracySource> (*make)(const AccuracySettings& settings,
                                          const NetworkSide& side);
};
std::span<const AccuracySourceKind> accuracy_source_kinds();
/// Throws InputError naming the nearest known source.
const AccuracySourceKind& find_accuracy_source(const std::string& name);

/// `accuracy` of a study; a key that the source does not use is an error.
AccuracySettings read_accuracy_settings(const YamlNode& node, const std::filesystem::path& folder);
/// Reads back to the same; every line is indented by two.
std::string accuracy_yaml(const AccuracySettings& settings);
/// Files on which the answers depend, by what they are.
std::map<std::string, std::filesystem::path> accuracy_files(const AccuracySettings& settings);
/// Arguments of a command that are files of at most 1 MiB: the program, most likely.
std::map<std::string, std::filesystem::path> accuracy_programs(const AccuracySettings& settings);

/// The file of a predictor: a path, or NAME for configs/accuracy/NAME.json.
std::filesystem::path resolve_accuracy_file(const std::string& name_or_path);

}  // namespace dovetail
