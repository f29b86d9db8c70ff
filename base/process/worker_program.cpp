#include "base/process/worker_program.h"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include "base/process/message_stream.h"
#include "base/process/start_program.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

bool this_program_serves = false;

std::string worker_program() {
  // The link itself and not where it points: the program may have been replaced since.
  if (this_program_serves) return "/proc/self/exe";
  const char* named = std::getenv("DOVETAIL_PROGRAM");
  const std::string program = named != nullptr && *named != '\0' ? named : DOVETAIL_PROGRAM;
  if (::access(program.c_str(), X_OK) == 0) return program;
  throw RunError(fmt::format(
      "workers: there is no program '{}'; $DOVETAIL_PROGRAM names the dovetail to be used",
      program));
}

}  // namespace

void use_this_program_for_workers() {
  this_program_serves = true;
}

int start_worker_program(int socket) {
  return start_program(worker_program(), {"dovetail", "worker"}, socket);
}

int start_names_only_worker(int socket) {
  return start_program(worker_program(), {"dovetail", "worker", "--names-only"}, socket);
}

StartWorker fork_worker(Work work) {
  return [work = std::move(work)](int socket) {
    // What is buffered now would be printed by both processes.
    std::fflush(nullptr);
    std::cout.flush();
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
      throw RunError(fmt::format("cannot start a worker: {}", std::strerror(errno)));
    }
    if (pid > 0) return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before the line above
    try {
      serve_stream(socket, socket, [&](const std::string&) { return work; });
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);  // not exit(): destructors and buffers here are copies of the parent's
  };
}

}  // namespace dovetail
