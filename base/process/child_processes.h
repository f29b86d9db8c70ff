#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/process/progress.h"

namespace dovetail {

/// A program to be run: no shell is involved.
struct ChildCommand {
  std::vector<std::string> words;  // program (looked for in PATH if it has no slash) and arguments
  std::filesystem::path folder;    // working directory; empty: this process's
  double timeout_s = 0;            // 0: none
};

/// How a program ended and what it printed.
struct ChildEnd {
  enum class Kind { kExited, kSignalled, kTimedOut };
  Kind kind = Kind::kExited;
  int code = 0;          // exit status or signal
  double timeout_s = 0;  // if timed out
  std::string out, err;  // the last kKeptBytes of standard output and error

  static constexpr std::size_t kKeptBytes = 65536;

  bool ok() const { return kind == Kind::kExited && code == 0; }
  /// "exit status 3", "ended by signal 9 (Killed)", "no end within 5 s".
  std::string describe() const;
};

/// Runs `tasks` programs, at most `parallel` at a time. `start(task, slot)` is called just before
/// a program is started and says which (slot: 0 to parallel - 1, its place among those that run);
/// `ended(task, end)` when it has ended, in the order in which they end: true is the end of the
/// task, false runs it again, and `start` is called anew.
///
/// A program reads nothing from standard input and has a process group of its own, so that Ctrl-C
/// does not reach it. When it ends, is late, or `keep_going` says no, the whole group is ended:
/// first SIGTERM, two seconds later SIGKILL. If this process is killed, the kernel kills the
/// program, but not what that has started. Programs ended because of `keep_going`, which is asked
/// several times a second, are not told to `ended`.
/// Throws RunError if a program cannot be started.
void run_children(std::uint64_t tasks, int parallel,
                  const std::function<ChildCommand(std::uint64_t, int)>& start,
                  const std::function<bool(std::uint64_t, const ChildEnd&)>& ended,
                  const KeepGoing& keep_going = {});

/// Throws InputError unless `word` is a program that can be run: with a slash a file (relative to
/// `folder`), else one in PATH.
void require_program(const std::string& word, const std::filesystem::path& folder);

}  // namespace dovetail
