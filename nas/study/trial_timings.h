#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "base/files/line_log.h"

namespace dovetail {

/// When a trial was stored and how long its evaluation took.
struct TrialTiming {
  std::string stored_at;     // UTC, "2026-01-31T23:59:59.123Z"
  double evaluation_ms = 0;  // wall time of accuracy and costs; 0 if they were known
};

/// timings.csv beside study.db: what differs from one run of a study to the next, and so is kept
/// out of the database. A trial may be there twice; the last line counts.
class TrialTimings {
 public:
  /// To add to; created if missing. Throws as LineLog.
  explicit TrialTimings(const std::filesystem::path& file);

  struct Entry {
    std::int64_t trial = 0;
    double evaluation_seconds = 0;
  };
  /// Of trials that are stored now.
  void append(std::span<const Entry> entries);

  /// By trial; nothing if there is no file, and of lines that are no timings.
  static std::map<std::int64_t, TrialTiming> read(const std::filesystem::path& file);
  /// Where it stands for a study.db.
  static std::filesystem::path beside(const std::filesystem::path& study);

 private:
  LineLog log_;
};

}  // namespace dovetail
