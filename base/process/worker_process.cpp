#include "base/process/worker_process.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/process/message_stream.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("was ended by signal {} ({})", signal, ::strsignal(signal));
  }
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace

void WorkerProcess::start(const StartWorker& start) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw RunError(fmt::format("cannot start a worker: {}", std::strerror(errno)));
  }
  try {
    pid_ = start(ends[1]);
    fd_ = ends[0];
  } catch (...) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw;
  }
  ::close(ends[1]);
}

bool WorkerProcess::send(WorkMessage::Kind kind, std::uint64_t task, std::string bytes,
                         const KeepGoing& keep_going) const {
  return send_message(fd_, {kind, task, {AnswerKind::kBytes, std::move(bytes)}}, keep_going);
}

std::optional<WorkMessage> WorkerProcess::receive(const KeepGoing& keep_going) const {
  return receive_message(fd_, keep_going);
}

std::string WorkerProcess::stop() {
  int status = 0;
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (fd_ >= 0) ::close(fd_);
  pid_ = fd_ = -1;
  return describe_status(status);
}

}  // namespace dovetail
