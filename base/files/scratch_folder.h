#pragma once

#include <filesystem>

namespace dovetail {

/// A new folder where temporary files go ($TMPDIR, else /tmp), removed with all that is in it on
/// destruction. Throws RunError if it cannot be made.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace dovetail
