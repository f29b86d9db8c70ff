#include "base/process/user_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "base/files/scratch_folder.h"
#include "base/process/child_processes.h"
#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestScript = 1 << 20;  // larger arguments are data, not programs
constexpr std::size_t kErrorLines = 5;              // of standard error, in a reason
constexpr std::size_t kLineLength = 200;

/// Calls `each` with every "{name}" of a word that stands for something, and returns the word with
/// what it answers in its place. "{{name}}" is a plain "{name}", for shells and awk.
template <typename Each>
std::string replaced(const std::string& word, const Each& each) {
  std::string text;
  for (std::size_t at = 0; at < word.size();) {
    const bool escaped = word.compare(at, 2, "{{") == 0;
    const std::size_t begin = at + (escaped ? 2 : 1);
    const std::size_t end = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin);
    const bool is_name = word[at] == '{' && end != std::string::npos && end > begin &&
                         word.compare(end, escaped ? 2 : 1, escaped ? "}}" : "}") == 0;
    if (!is_name) {
      text += word[at++];
      continue;
    }
    const std::string name = word.substr(begin, end - begin);
    text += escaped ? "{" + name + "}" : each(name);
    at = end + (escaped ? 2 : 1);
  }
  return text;
}

bool any_has(const std::vector<std::string>& words, const std::string& wanted) {
  bool has = false;
  for (const std::string& word : words) {
    replaced(word, [&](const std::string& name) {
      has = has || name == wanted;
      return name;
    });
  }
  return has;
}

/// Throws InputError for a "{name}" that stands for nothing.
void check_placeholders(const std::string& word, const std::vector<std::string>& known) {
  replaced(word, [&](const std::string& name) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError("'" + word + "': " + unknown_name("placeholder", name, known) + "; '{{" +
                       name + "}}' is a plain '{" + name + "}'");
    }
    return name;
  });
}

std::string with_values(const std::string& word, const std::map<std::string, std::string>& values) {
  return replaced(word, [&](const std::string& name) { return values.at(name); });
}

/// The last lines that are not blank, oldest first.
std::vector<std::string> last_lines(const std::string& text, std::size_t count) {
  std::vector<std::string> lines;
  const std::vector<std::string> all = split(text, '\n');
  for (auto line = all.rbegin(); line != all.rend() && lines.size() < count; ++line) {
    if (!trim(*line).empty()) lines.push_back(tame_line(*line));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

/// The last line that is not blank; empty if all are.
std::string last_line(const std::string& text) {
  const std::vector<std::string> all = split(text, '\n');
  const auto line = std::find_if(all.rbegin(), all.rend(),
                                 [](const std::string& one) { return !trim(one).empty(); });
  return line == all.rend() ? "" : *line;
}

}  // namespace

std::string tame_line(std::string_view line) {
  std::string text(trim(line));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kLineLength) text = text.substr(0, kLineLength) + "...";
  return text;
}

UserCommand::UserCommand(CommandSettings settings, std::vector<std::string> files,
                         const std::vector<std::string>& appended)
    : settings_(std::move(settings)) {
  std::vector<std::string> known = files;
  known.insert(known.end(), {"folder", "slot"});
  for (const std::string& word : settings_.words) check_placeholders(word, known);
  const bool any = std::any_of(files.begin(), files.end(),
                               [this](const std::string& file) { return uses(file); });
  if (any) return;
  settings_.words.insert(settings_.words.end(), appended.begin(), appended.end());
}

bool UserCommand::uses(const std::string& file) const {
  return any_has(settings_.words, file) || any_has(settings_.words, "folder");
}

void UserCommand::run(std::uint64_t tasks, const Write& write, const Read& read, const Fail& fail,
                      const KeepGoing& keep_going) const {
  std::map<std::uint64_t, std::unique_ptr<ScratchFolder>> folders;
  std::map<std::uint64_t, int> attempts;
  const auto start = [&](std::uint64_t task, int slot) {
    auto folder = std::make_unique<ScratchFolder>();
    std::map<std::string, std::string> values = write(task, folder->path());
    values["folder"] = folder->path().string();
    values["slot"] = std::to_string(slot);
    ChildCommand command;
    for (const std::string& word : settings_.words) {
      command.words.push_back(with_values(word, values));
    }
    command.folder = settings_.folder;
    command.timeout_s = settings_.timeout_s;
    folders[task] = std::move(folder);
    return command;
  };
  const auto ended = [&](std::uint64_t task, const ChildEnd& end) {
    folders.erase(task);
    const int attempt = ++attempts[task];
    const std::string wrong = wrong_with(task, end, read);
    if (wrong.empty()) return true;
    if (attempt <= settings_.retries) return false;
    const std::vector<std::string> errors = last_lines(end.err, kErrorLines);
    fail(task,
         fmt::format("command: {}{}; {}", wrong,
                     attempt > 1 ? fmt::format(" (attempt {})", attempt) : "",
                     errors.empty() ? "nothing on stderr" : "stderr: " + join(errors, " | ")));
    return true;
  };
  run_children(tasks, settings_.parallel, start, ended, keep_going);
}

std::string UserCommand::wrong_with(std::uint64_t task, const ChildEnd& end,
                                    const Read& read) const {
  if (!end.ok()) return end.describe();
  try {
    read(task, last_line(end.out));
    return "";
  } catch (const InputError& e) {
    return e.what();
  }
}

void UserCommand::require_ready() const {
  require_program(settings_.words.front(), settings_.folder);
}

std::string UserCommand::description() const {
  return fmt::format("command {} (time limit {} s, {} retries)", join(settings_.words, " "),
                     format_number(settings_.timeout_s), settings_.retries);
}

std::map<std::string, fs::path> UserCommand::programs(const CommandSettings& settings) {
  std::map<std::string, fs::path> files;
  for (const std::string& word : settings.words) {
    const fs::path file = settings.folder / word;
    std::error_code error;
    if (fs::is_regular_file(file, error) && fs::file_size(file, error) <= kLargestScript) {
      files[word] = file;
    }
  }
  return files;
}

}  // namespace dovetail
