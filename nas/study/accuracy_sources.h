#pragma once

#include <memory>
#include <span>
#include <string>

#include "nas/accuracy/accuracy_source.h"
#include "nas/search_space.h"
#include "nas/study/study_config.h"

namespace dovetail {

/// One row of the table of accuracy sources that a study can name.
struct AccuracySourceKind {
  std::string name;
  std::string description;
  bool has_file;
  /// Throws InputError if the source cannot speak about these networks. What `side` points to must
  /// outlive the source.
  std::shared_ptr<AccuracySource> (*make)(const AccuracySettings& settings,
                                          const NetworkSide& side);
};
std::span<const AccuracySourceKind> accuracy_source_kinds();
/// Throws InputError naming the nearest known source.
const AccuracySourceKind& find_accuracy_source(const std::string& name);

/// The file of a predictor: a path, or NAME for configs/accuracy/NAME.json.
std::filesystem::path resolve_accuracy_file(const std::string& name_or_path);

}  // namespace dovetail
