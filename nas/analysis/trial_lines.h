#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/files/line_log.h"
#include "nas/analysis/stored_study.h"

namespace dovetail {

/// The trials of a study that runs, a line of JSON each, as they are stored: what trials_jsonl()
/// says of them but for times, so that the same study gives the same bytes. Whole lines are
/// written, so that what a killed process left can be read.
class TrialLines {
 public:
  /// `file`: "-" is standard output. `folder`: of the study. Nothing is opened yet.
  TrialLines(std::string file, std::filesystem::path folder);

  /// The first time begins the file anew. Throws what LineLog does.
  void add(std::span<const StoredTrial> trials);

 private:
  void begin();

  const std::string file_;
  const std::filesystem::path folder_;
  std::unique_ptr<LineLog> log_;      // null: standard output
  std::optional<StoredStudy> study_;  // once it is begun; without its trials
  std::map<std::pair<std::size_t, std::string>, std::int64_t> counts_;  // by run and stage
};

}  // namespace dovetail
