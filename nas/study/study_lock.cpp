#include "nas/study/study_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

#include "base/files/atomic_file.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr const char* kLockFile = ".lock";

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

StudyLock::StudyLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kLockFile;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_file_error(errno, "cannot open for writing", file);
  struct flock lock = whole_file();
  if (::fcntl(descriptor_, F_SETLK, &lock) == 0) return;
  ::close(descriptor_);
  const std::optional<int> other = holder(folder);
  throw InputError(fmt::format("{}: another process{} is working on this study", folder.string(),
                               other ? fmt::format(" ({})", *other) : ""));
}

StudyLock::~StudyLock() {
  ::close(descriptor_);
}

std::optional<int> StudyLock::holder(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / kLockFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct flock lock = whole_file();
  const bool asked = ::fcntl(descriptor, F_GETLK, &lock) == 0;
  ::close(descriptor);
  if (!asked || lock.l_type == F_UNLCK) return std::nullopt;
  return lock.l_pid;
}

}  // namespace dovetail
