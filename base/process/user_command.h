#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/process/progress.h"

namespace dovetail {

struct ChildEnd;

/// The user's program and how it is run.
struct CommandSettings {
  std::vector<std::string> words;  // program and arguments, with {placeholders}
  std::filesystem::path folder;    // in which it runs
  double timeout_s = 0;            // of one attempt
  int retries = 1;                 // further attempts after one that failed
  int parallel = 1;                // programs at a time; no effect on answers
};

/// A program that answers questions: of each it is given files in a new temporary folder, and it
/// prints its answer as the last line of standard output that is not blank.
///
/// "{name}" in its words stands for the path of a file, for that of the folder ("folder") or for a
/// number of its own among those that run at the same time ("slot"); "{{name}}" is a plain
/// "{name}", for shells and awk.
class UserCommand {
 public:
  /// Paths by placeholder of what was written for question `task` in a folder.
  using Write = std::function<std::map<std::string, std::string>(std::uint64_t task,
                                                                 const std::filesystem::path&)>;
  /// Takes the last line. Throws InputError saying what is wrong with it.
  using Read = std::function<void(std::uint64_t task, const std::string& line)>;
  /// Takes why no attempt gave an answer.
  using Fail = std::function<void(std::uint64_t task, const std::string& reason)>;

  /// `files` are placeholders of files; where no word has any of them, nor {folder}, `appended`
  /// are further words. Throws InputError for placeholders that stand for nothing.
  UserCommand(CommandSettings settings, std::vector<std::string> files,
              const std::vector<std::string>& appended);

  /// Whether a word has {name}, or {folder} in which its file is.
  bool uses(const std::string& file) const;
  /// Runs the program for each question, so many at a time, again where it failed.
  void run(std::uint64_t tasks, const Write& write, const Read& read, const Fail& fail,
           const KeepGoing& keep_going) const;
  /// Throws InputError for a program that is not there.
  void require_ready() const;
  /// "command sh x.sh (time limit 5 s, 1 retries)".
  std::string description() const;
  /// Words that are small files, which are most likely the program.
  static std::map<std::string, std::filesystem::path> programs(const CommandSettings& settings);

 private:
  std::string wrong_with(std::uint64_t task, const ChildEnd& end, const Read& read) const;

  CommandSettings settings_;
};

/// Printable ASCII of one line, and not too much of it.
std::string tame_line(std::string_view line);

}  // namespace dovetail
