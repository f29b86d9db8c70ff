#include "base/files/record_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/descriptor.h"
#include "base/text/error.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

/// Who removes what a killed process left has the lock for an instant, and the workers of a killed
/// process, which end with it, until they are gone: on a busy machine that is not at once.
constexpr int kTries = 50;
constexpr useconds_t kBetweenTriesUs = 20'000;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool take(int descriptor) {
  struct flock lock = whole_file();
  return ::fcntl(descriptor, F_SETLK, &lock) == 0;
}

std::optional<int> other_holder(int descriptor) {
  struct flock lock = whole_file();
  if (::fcntl(descriptor, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  return lock.l_pid;
}

using Place = std::pair<dev_t, ino_t>;  // of a file on the disk

std::optional<Place> place_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

std::optional<Place> place_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

/// The files that this process has locked, with its number, since a fork copies the list and not
/// the locks. Whoever opens and closes such a file again would lose the lock.
std::map<Place, pid_t>& held() {
  static std::map<Place, pid_t> held;
  return held;
}

/// Of a file that is replaced in one step whenever it is written; nothing if there is none.
std::optional<std::pair<Place, fs::file_time_type>> state_of(const fs::path& file) {
  std::error_code none;
  const fs::file_time_type written = fs::last_write_time(file, none);
  const std::optional<Place> place = place_of(file);
  if (!place || none) return std::nullopt;
  return std::pair{*place, written};
}

bool is_held(const std::optional<Place>& place) {
  if (!place) return false;
  const auto at = held().find(*place);
  return at != held().end() && at->second == ::getpid();
}

}  // namespace

RecordLock::RecordLock(fs::path file, const fs::path& guarded, const std::string& does,
                       AtEnd at_end)
    : file_(std::move(file)), at_end_(at_end) {
  const auto before = state_of(guarded);
  for (int tries = 1;;) {
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw_file_error(errno, "cannot make a file that locks it", guarded);
    if (take(descriptor_)) {
      // The name leads to the open file still, unless whoever had the lock has removed it.
      const std::optional<Place> place = place_of(descriptor_);
      if (place && place == place_of(file_)) {
        // An output is no input: what another has written meanwhile would be gone without a word.
        if (at_end == AtEnd::kRemove && state_of(guarded) != before) {
          ::unlink(file_.c_str());
          ::close(descriptor_);
          throw InputError(
              fmt::format("{}: another process has written it meanwhile", guarded.string()));
        }
        held()[*place] = ::getpid();
        return;
      }
      ::close(descriptor_);
      continue;
    }
    const std::optional<int> other = other_holder(descriptor_);
    ::close(descriptor_);
    if (tries++ < kTries) {
      ::usleep(kBetweenTriesUs);
      continue;
    }
    throw InputError(fmt::format("{}: another process{} {}", guarded.string(),
                                 other ? fmt::format(" ({})", *other) : "", does));
  }
}

RecordLock::~RecordLock() {
  if (const auto place = place_of(descriptor_)) held().erase(*place);
  if (at_end_ == AtEnd::kRemove) ::unlink(file_.c_str());
  ::close(descriptor_);
}

std::optional<int> RecordLock::holder(const fs::path& file) {
  if (is_held(place_of(file))) return std::nullopt;
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return descriptor.get() < 0 ? std::nullopt : other_holder(descriptor.get());
}

void RecordLock::remove_abandoned(const fs::path& file) {
  if (is_held(place_of(file))) return;
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (descriptor.get() < 0 || !take(descriptor.get())) return;
  if (place_of(descriptor.get()) == place_of(file)) ::unlink(file.c_str());
}

}  // namespace dovetail
