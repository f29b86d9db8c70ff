#include "base/process/start_program.h"

#include <fmt/core.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/text/error.h"

namespace dovetail {
namespace {

/// How a program begins its life, and nothing that this process has set for itself.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    // Ctrl-C reaches the whole group; the program ignores it as soon as it can.
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

int start_program(const std::string& program, std::vector<std::string> words, int socket) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const SpawnSettings settings(socket);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), settings.files(), settings.attributes(),
                                  arguments.data(), environ);
  if (error == 0) return pid;
  throw RunError(fmt::format("cannot start {}: {}", program, std::strerror(error)));
}

}  // namespace dovetail
