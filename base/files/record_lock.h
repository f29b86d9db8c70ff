#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dovetail {

/// A file that one process has at a time: a POSIX record lock, which ends with the process however
/// that ends, and which forked workers do not hold.
class RecordLock {
 public:
  enum class AtEnd { kKeep, kRemove };  // what becomes of the file

  /// Makes the file if it is missing. Throws InputError if another process has the lock:
  /// "`guarded`: another process (PID) `does`".
  RecordLock(std::filesystem::path file, const std::filesystem::path& guarded,
             const std::string& does, AtEnd at_end);
  ~RecordLock();
  RecordLock(const RecordLock&) = delete;
  RecordLock& operator=(const RecordLock&) = delete;

  /// The other process that has the lock, if one has.
  static std::optional<int> holder(const std::filesystem::path& file);
  /// Removes the file if nobody has the lock: what a killed process left.
  static void remove_abandoned(const std::filesystem::path& file);

 private:
  std::filesystem::path file_;
  AtEnd at_end_;
  int descriptor_ = -1;
};

}  // namespace dovetail
