#include "tests/cli/command_runner.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace dovetail::test {

pid_t CommandRunner::start(const std::vector<std::string>& args,
                           const std::vector<std::string>& launcher) const {
  std::vector<std::string> command{"/usr/bin/env", "-C", folder_.path().string()};
  command.insert(command.end(), launcher.begin(), launcher.end());
  command.emplace_back(DOVETAIL_BINARY);
  command.insert(command.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string out = (output_.path() / "out.txt").string();
  const std::string err = (output_.path() / "err.txt").string();
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, 0666);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, 0666);
  pid_t pid = -1;
  EXPECT_EQ(posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

bool CommandRunner::running(pid_t pid) const {
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
  return ended.si_pid == 0;
}

CommandResult CommandRunner::finish(pid_t pid) const {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), output_.read("out.txt"),
          output_.read("err.txt")};
}

}  // namespace dovetail::test
