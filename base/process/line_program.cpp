#include "base/process/line_program.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/process/start_program.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr std::size_t kReadTogether = 4096;

/// Appends what comes until there is a line; false if the other end has closed.
bool receive(int descriptor, std::string& received) {
  while (received.find('\n') == std::string::npos) {
    char bytes[kReadTogether];
    const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    received.append(bytes, static_cast<std::size_t>(got));
  }
  return true;
}

std::string take_line(std::string& received) {
  const std::size_t end = received.find('\n');
  std::string line = received.substr(0, end);
  received.erase(0, end + 1);
  return line;
}

bool send_line(int descriptor, const std::string& line) {
  const std::string bytes = line + "\n";
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count =
        ::send(descriptor, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::string end_of(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

LineProgram::LineProgram(const std::string& program, std::vector<std::string> words)
    : program_(program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw RunError(fmt::format("cannot start {}: {}", program, std::strerror(errno)));
  }
  socket_ = ends[0];
  try {
    process_ = start_program(program, std::move(words), ends[1]);
  } catch (...) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw;
  }
  ::close(ends[1]);
}

LineProgram::~LineProgram() {
  ::close(socket_);
  if (process_ < 0) return;
  // What it is at is of no use to anybody now.
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::string LineProgram::ask(const std::string& line) {
  if (process_ >= 0 && send_line(socket_, line) && receive(socket_, received_)) {
    return take_line(received_);
  }
  int status = 0;
  const bool known = process_ >= 0 && ::waitpid(process_, &status, 0) == process_;
  process_ = -1;
  throw RunError(fmt::format("{}: {}", program_, known ? end_of(status) : "it has ended"));
}

bool read_request_line(std::string& line) {
  static std::string received;
  if (!receive(STDIN_FILENO, received)) return false;
  line = take_line(received);
  return true;
}

bool write_answer_line(const std::string& line) {
  return send_line(STDIN_FILENO, line);
}

}  // namespace dovetail
