#pragma once

#include <filesystem>
#include <optional>

#include "base/files/record_lock.h"

namespace dovetail {

/// Keeps a second process from working on the study in the same folder, whose hidden file stays.
class StudyLock {
 public:
  /// Throws InputError if another process has it.
  explicit StudyLock(const std::filesystem::path& folder);

  /// The process that works on the study in `folder`, if another one does.
  static std::optional<int> holder(const std::filesystem::path& folder);

 private:
  RecordLock lock_;
};

}  // namespace dovetail
