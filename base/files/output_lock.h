#pragma once

#include <filesystem>

#include "base/files/record_lock.h"

namespace dovetail {

/// Keeps a second process from making the same output, of which one result would be gone: the lock
/// of a hidden file beside it, which is removed at the end.
class OutputLock {
 public:
  /// The folder must be there. Throws InputError if another process has the lock.
  explicit OutputLock(const std::filesystem::path& output);

 private:
  RecordLock lock_;
};

}  // namespace dovetail
