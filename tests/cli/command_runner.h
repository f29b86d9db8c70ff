#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/base/files/test_files.h"

namespace dovetail::test {

/// How a command ended and what it printed.
struct CommandResult {
  int status = -1;  // exit code, or minus the signal that ended it
  std::string out, err;
};

/// Runs the built `dovetail` in a folder of its own, as a user would.
class CommandRunner {
 public:
  /// Starts `LAUNCHER... dovetail ARGS...`; one at a time.
  pid_t start(const std::vector<std::string>& args,
              const std::vector<std::string>& launcher = {}) const;
  /// It has not ended yet.
  bool running(pid_t pid) const;
  CommandResult finish(pid_t pid) const;
  /// What the command that was started last has printed so far.
  std::string printed() const { return output_.read("out.txt"); }
  CommandResult run(const std::vector<std::string>& args,
                    const std::vector<std::string>& launcher = {}) const {
    return finish(start(args, launcher));
  }

  const TemporaryFolder& folder() const { return folder_; }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  TemporaryFolder folder_, output_;
};

}  // namespace dovetail::test
