#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/files/yaml.h"
#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// The table of accuracy sources that a study can name.
std::span<const AccuracySourceKind> accuracy_source_kinds();
/// Throws InputError naming the nearest known source.
const AccuracySourceKind& find_accuracy_source(const std::string& name);

/// `accuracy` of a study: the kind of source, and what it made of its keys.
struct AccuracyChoice {
  std::string source;  // a row of accuracy_source_kinds()
  std::shared_ptr<const AccuracySettings> settings;
  /// A slow source is asked for candidates that break a limit on a cost, too.
  bool ask_all = false;

  /// False of the source that says nothing.
  bool speaks() const;
};
/// The choice of a study that names none.
AccuracyChoice no_accuracy();
/// A key that the source does not use is an error.
AccuracyChoice read_accuracy(const YamlNode& node, const std::filesystem::path& folder);
/// Lines that read back to the same.
std::string accuracy_yaml(const AccuracyChoice& accuracy);

}  // namespace dovetail
