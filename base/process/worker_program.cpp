#include "base/process/worker_program.h"

#include <fmt/core.h>
#include <spawn.h>
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

/// How a worker begins its life, and nothing that this process has set for itself.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    // Ctrl-C reaches the whole group; the worker ignores it as soon as it can.
    sigset_t interrupt;
    ::sigemptyset(&interrupt);
    ::sigaddset(&interrupt, SIGINT);
    ::posix_spawnattr_setsigmask(&attributes_, &interrupt);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

void use_this_program_for_workers() {
  this_program_serves = true;
}

int start_worker_program(int socket) {
  const std::string program = worker_program();
  std::string words[] = {"dovetail", "worker"};
  char* const arguments[] = {words[0].data(), words[1].data(), nullptr};
  const SpawnSettings settings(socket);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), settings.files(), settings.attributes(),
                                  arguments, environ);
  if (error == 0) return pid;
  throw RunError(fmt::format("cannot start a worker: {}: {}", program, std::strerror(error)));
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
