#include "cli/request_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/process/progress.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::size_t kMostTogether = 1024;           // lines, before some are handed out
constexpr std::size_t kMostLineBytes = 16 * 1048576;  // of a request
constexpr int kWaitMilliseconds = 200;

}  // namespace

RequestLines::RequestLines(std::string file) : name_(std::move(file)), descriptor_(STDIN_FILENO) {
  if (name_.empty()) return;
  descriptor_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw InputError(name_ + ": " + std::strerror(errno));
}

RequestLines::~RequestLines() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::vector<std::string> RequestLines::next() {
  while (lines_.empty() && !ended_ && !stop_requested()) read_more();
  return std::exchange(lines_, {});
}

void RequestLines::read_more() {
  pollfd input{descriptor_, POLLIN, 0};
  if (::poll(&input, 1, kWaitMilliseconds) <= 0) return;  // to see whether to stop
  char bytes[1 << 16];
  do {
    const ssize_t count = ::read(descriptor_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) return;
    if (count < 0) {
      throw InputError((name_.empty() ? "standard input" : name_) + ": " + std::strerror(errno));
    }
    if (count == 0) {
      ended_ = true;
      if (!rest_.empty()) take_line();
      return;
    }
    take({bytes, static_cast<std::size_t>(count)});
  } while (lines_.size() < kMostTogether && ::poll(&input, 1, 0) > 0);
}

void RequestLines::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    // The rest of a line that is too long is not kept; what is kept is no JSON either.
    if (rest_.size() <= kMostLineBytes) rest_ += bytes.substr(0, end);
    if (end == bytes.size()) return;
    take_line();
    bytes.remove_prefix(end + 1);
  }
}

void RequestLines::take_line() {
  if (rest_.size() > kMostLineBytes) rest_ = "a line of more than 16 MiB";
  lines_.push_back(std::exchange(rest_, {}));
}

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace dovetail
