#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/text/error.h"

namespace dovetail {

/// There is no room for what was to be written.
class DiskFullError : public RunError {
 public:
  using RunError::RunError;
};

/// Replaces `file` by `content` in one step: written beside it, flushed to disk, then renamed, so
/// that a reader sees the old file or the new one and never half. Throws InputError if the folder
/// is missing or not writable and DiskFullError if it is full; the old file then stays.
void write_file_atomically(const std::filesystem::path& file, std::string_view content);

/// A file under construction: write() it or hand path() to another library, then commit(). Without
/// commit() the temporary is removed.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  /// The whole content. Errors are those of write_file_atomically().
  void write(std::string_view content);
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// Throws InputError unless files can be created in `folder` (created if missing). To be called
/// before long work, not after it. What killed processes left half written there is removed.
void require_writable_folder(const std::filesystem::path& folder);

/// The same for one file: its folder, and the file itself if it exists already. What it has stays.
void require_writable_file(const std::filesystem::path& file);

/// Removes what processes of this machine that no longer run left half written in `folder`.
void remove_abandoned_files(const std::filesystem::path& folder);

/// Throws what write_file_atomically() does for `error` (of errno): DiskFullError if there is no
/// room, InputError if `file` cannot be there, with "FILE: WHAT: why".
[[noreturn]] void throw_file_error(int error, const std::string& what,
                                   const std::filesystem::path& file);

/// Whole content; throws InputError if it is missing or unreadable.
std::string read_file(const std::filesystem::path& file);

}  // namespace dovetail
