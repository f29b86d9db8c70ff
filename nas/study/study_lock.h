#pragma once

#include <filesystem>
#include <optional>

namespace dovetail {

/// Keeps a second process from working on the study in the same folder. A POSIX record lock: it
/// ends with the process however that ends, and forked workers do not hold it.
class StudyLock {
 public:
  /// Throws InputError if another process has it.
  explicit StudyLock(const std::filesystem::path& folder);
  ~StudyLock();
  StudyLock(const StudyLock&) = delete;
  StudyLock& operator=(const StudyLock&) = delete;

  /// The process that works on the study in `folder`, if another one does. Not to be asked by the
  /// process that has the lock, which it would lose.
  static std::optional<int> holder(const std::filesystem::path& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace dovetail
