#pragma once

#include <filesystem>

namespace dovetail {

/// Keeps a second process from making the same output, of which one result would be gone. A POSIX
/// record lock on a hidden file beside it, which is removed at the end: it ends with the process
/// however that ends, and forked workers do not hold it.
class OutputLock {
 public:
  /// The folder must be there. Throws InputError if another process has the lock.
  explicit OutputLock(const std::filesystem::path& output);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace dovetail
