#include "base/files/output_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files/atomic_file.h"
#include "base/files/checksum.h"
#include "base/text/error.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

/// Beside where a link leads; short, so that it fits wherever the output does.
fs::path lock_file(const fs::path& output) {
  const fs::path target = fs::weakly_canonical(fs::absolute(output));
  return target.parent_path() /
         fmt::format(".dovetail-{}.lock", Checksum::of(target.filename().string()));
}

/// Whether the name still leads to the open file: whoever had the lock may have removed it.
bool is_in_place(int descriptor, const fs::path& file) {
  struct stat open {
  }, named{};
  return ::fstat(descriptor, &open) == 0 && ::stat(file.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace

OutputLock::OutputLock(const fs::path& output) : file_(lock_file(output)) {
  while (true) {
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw_file_error(errno, "cannot make a file beside it", output);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(descriptor_, F_SETLK, &lock) != 0) {
      const bool asked = ::fcntl(descriptor_, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
      ::close(descriptor_);
      throw InputError(fmt::format("{}: another process{} is writing it", output.string(),
                                   asked ? fmt::format(" ({})", lock.l_pid) : ""));
    }
    if (is_in_place(descriptor_, file_)) return;
    ::close(descriptor_);
  }
}

OutputLock::~OutputLock() {
  ::unlink(file_.c_str());
  ::close(descriptor_);
}

}  // namespace dovetail
