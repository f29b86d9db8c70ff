#include "base/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/files/descriptor.h"
#include "base/files/file_roles.h"
#include "base/files/links.h"
#include "base/files/record_lock.h"
#include "base/text/error.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostOfAPipe = std::size_t{64} << 20;  // bytes; /dev/zero has no end

void write_all(int fd, std::string_view content, const fs::path& named) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_file_error(errno, "cannot write", named);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Tells the processes of this machine, boot and container from others that write to the same disk;
/// empty if the system does not say.
std::string process_world() {
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(boot, id);
  struct stat pids {};
  if (id.size() < 8 || ::stat("/proc/self/ns/pid", &pids) != 0) return "";
  return fmt::format("{}-{}", id.substr(0, 8), pids.st_ino);
}

/// Whether a process of this machine writes nothing more: it is gone, or is about to be. Who waits
/// for its end may do so late, and until then it has its number.
bool has_ended(pid_t process) {
  if (::kill(process, 0) != 0) return errno == ESRCH;
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(file, line);
  // "17 (a name) S parent group session terminal foreground flags ..."
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string state, skipped;
  unsigned flags = 0;
  fields >> state >> skipped >> skipped >> skipped >> skipped >> skipped >> flags;
  constexpr unsigned kExiting = 0x4;  // PF_EXITING of the kernel's sched.h
  return state == "Z" || state == "X" || (flags & kExiting) != 0;
}

/// What the names of temporaries start with: short and hidden, so that they fit wherever the target
/// does and no pattern of results matches them.
const std::string& temporary_prefix() {
  static const std::string prefix = fmt::format(".dovetail-{}-", process_world());
  return prefix;
}

// A new empty file in `folder`, with the permissions that any new file gets.
fs::path create_temporary(const fs::path& folder, const fs::path& named) {
  static std::atomic<unsigned> counter{0};
  while (true) {
    fs::path file = folder / fmt::format("{}{}-{}.tmp", temporary_prefix(), ::getpid(), counter++);
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      ::close(fd);
      return file;
    }
    if (errno != EEXIST) throw_file_error(errno, "cannot create a file beside it", named);
  }
}

bool exists_as_other_than_file(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

void throw_file_error(int error, const std::string& what, const fs::path& file) {
  const std::string text = fmt::format("{}: {}: ", file.string(), what);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      throw DiskFullError(text + "disk full (" + std::strerror(error) + ")");
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
      throw InputError(text + std::strerror(error));
    default:
      throw RunError(text + std::strerror(error));
  }
}

AtomicFile::AtomicFile(const fs::path& target) : target_(target) {
  std::error_code error;
  if (target_.empty() || !target_.has_filename()) {
    throw InputError(
        fmt::format("'{}': found no file name, allowed the path of a file", target_.string()));
  }
  // A link stays a link: what it points to is replaced.
  if (fs::is_symlink(target_, error)) target_ = place_led_to(target_);
  require_no_input(target_);
  struct stat status {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    throw InputError(
        fmt::format("{}: found a folder or device, allowed the path of a file", target_.string()));
  }
  if (exists && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
    throw_file_error(errno, "cannot replace", target_);
  }
  temporary_ = create_temporary(folder_of(target_), target_);
  if (exists) ::chmod(temporary_.c_str(), status.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view content) {
  Descriptor file(::open(temporary_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (file.get() < 0) throw_file_error(errno, "cannot write", target_);
  write_all(file.get(), content, target_);
  if (file.close() != 0) throw_file_error(errno, "cannot write", target_);
}

void AtomicFile::commit() {
  Descriptor file(::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw_file_error(errno, "cannot open the new content", target_);
  if (::fsync(file.get()) != 0 || file.close() != 0)
    throw_file_error(errno, "cannot write", target_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0)
    throw_file_error(errno, "cannot replace", target_);
  committed_ = true;
  // The rename itself must survive a power cut. Some file systems cannot sync a folder; then the
  // old file may come back after one, whole.
  Descriptor folder(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

void write_file_atomically(const fs::path& file, std::string_view content) {
  // A pipe or device ("--json /dev/stdout") is written to, not replaced.
  if (exists_as_other_than_file(file) && !fs::is_directory(file)) {
    Descriptor device(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (device.get() < 0) throw_file_error(errno, "cannot open for writing", file);
    write_all(device.get(), content, file);
    return;
  }
  AtomicFile target(file);
  target.write(content);
  target.commit();
}

void require_writable_folder(const fs::path& folder) {
  const fs::path place = folder.empty() ? fs::path(".") : folder;
  std::error_code error;
  fs::create_directories(place, error);
  if (error && !fs::is_directory(place))
    throw_file_error(error.value(), "cannot create the folder", place);
  remove_abandoned_files(place);
  ::unlink(create_temporary(place, place).c_str());
}

void require_writable_file(const fs::path& file) {
  require_writable_folder(folder_of(file));
  const AtomicFile trial(file);
}

void remove_abandoned_files(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".dovetail-") && name.ends_with(".lock")) {  // OutputLock's
      RecordLock::remove_abandoned(entry.path());
      continue;
    }
    if (process_world().empty()) continue;
    // As create_temporary() names them, and what a library puts beside them.
    const std::string& start = temporary_prefix();
    if (!name.starts_with(start) || name.find(".tmp") == std::string::npos) continue;
    const pid_t owner = std::atoi(name.c_str() + start.size());
    if (owner > 0 && has_ended(owner)) fs::remove(entry.path(), error);
  }
}

std::string read_file(const fs::path& file) {
  // Without waiting: a pipe that nobody writes to is an empty one.
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (descriptor.get() < 0) {
    throw InputError(fmt::format("{}: cannot open: {}", file.string(), std::strerror(errno)));
  }
  struct stat status {};
  const bool regular = ::fstat(descriptor.get(), &status) == 0 && S_ISREG(status.st_mode);
  std::string content;
  constexpr std::size_t kBlock = 1 << 16;
  while (true) {
    if (!regular && content.size() > kMostOfAPipe) {
      throw InputError(
          fmt::format("{}: found a pipe or device with more than {} MiB, allowed a "
                      "file",
                      file.string(), kMostOfAPipe >> 20));
    }
    const std::size_t size = content.size();
    content.resize(size + kBlock);
    const ssize_t got = ::read(descriptor.get(), content.data() + size, kBlock);
    const int error = errno;
    content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (got > 0 || error == EINTR) continue;
    if (error != EAGAIN) {
      throw InputError(fmt::format("{}: cannot read: {}", file.string(), std::strerror(error)));
    }
    pollfd more{descriptor.get(), POLLIN, 0};  // of a pipe whose writer has not finished
    ::poll(&more, 1, -1);
  }
}

}  // namespace dovetail
