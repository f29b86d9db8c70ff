#include "base/files/line_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"

namespace dovetail {
namespace {

off_t size_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

/// Position after the last end of a line.
off_t end_of_lines(int descriptor) {
  char block[4096];
  for (off_t end = size_of(descriptor); end > 0;) {
    const off_t start = std::max<off_t>(0, end - static_cast<off_t>(sizeof block));
    const ssize_t got = ::pread(descriptor, block, static_cast<std::size_t>(end - start), start);
    for (ssize_t i = got; i > 0; --i) {
      if (block[i - 1] == '\n') return start + i;
    }
    end = start;
  }
  return 0;
}

}  // namespace

LineLog::LineLog(const std::filesystem::path& file) : file_(file) {
  require_no_input(file);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_file_error(errno, "cannot open for writing", file);
  const off_t end = end_of_lines(descriptor_);
  if (end < size_of(descriptor_) && ::ftruncate(descriptor_, end) != 0) {
    const int error = errno;
    ::close(descriptor_);
    throw_file_error(error, "cannot cut off half a line", file);
  }
}

LineLog::~LineLog() {
  ::close(descriptor_);
}

bool LineLog::empty() const {
  return size_of(descriptor_) == 0;
}

void LineLog::append(std::string_view lines) {
  const off_t before = size_of(descriptor_);
  while (!lines.empty()) {
    const ssize_t written = ::write(descriptor_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      // If even this fails, the end of the file is left for the next one who opens it.
      [[maybe_unused]] const int undone = ::ftruncate(descriptor_, before);
      throw_file_error(error, "cannot write", file_);
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace dovetail
