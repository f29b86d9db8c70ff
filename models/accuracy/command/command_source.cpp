#include "models/accuracy/command/command_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/scratch_folder.h"
#include "base/process/child_processes.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/onnx/onnx.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

const std::vector<std::string> kPlaceholders{"json", "onnx", "folder", "slot"};

constexpr std::size_t kErrorLines = 5;  // of standard error, in a reason
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
void check_placeholders(const std::string& word) {
  replaced(word, [&](const std::string& name) {
    if (std::find(kPlaceholders.begin(), kPlaceholders.end(), name) == kPlaceholders.end()) {
      throw InputError("'" + word + "': " + unknown_name("placeholder", name, kPlaceholders) +
                       "; '{{" + name + "}}' is a plain '{" + name + "}'");
    }
    return name;
  });
}

std::string with_values(const std::string& word, const std::map<std::string, std::string>& values) {
  return replaced(word, [&](const std::string& name) { return values.at(name); });
}

/// Printable ASCII of one line, and not too much of it.
std::string tame(std::string_view line) {
  std::string text(trim(line));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kLineLength) text = text.substr(0, kLineLength) + "...";
  return text;
}

/// The last lines that are not blank, oldest first.
std::vector<std::string> last_lines(const std::string& text, std::size_t count) {
  std::vector<std::string> lines;
  const std::vector<std::string> all = split(text, '\n');
  for (auto line = all.rbegin(); line != all.rend() && lines.size() < count; ++line) {
    if (!trim(*line).empty()) lines.push_back(tame(*line));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

/// 3, not 3.0.
json number(double value) {
  return json::parse(format_number(value));
}

class CommandSource : public AccuracySource {
 public:
  CommandSource(CommandSettings settings, std::shared_ptr<const NetworkSpace> space,
                std::shared_ptr<const Network> network)
      : settings_(std::move(settings)), space_(std::move(space)), network_(std::move(network)) {
    for (const std::string& word : settings_.words) check_placeholders(word);
    const bool folder = any_has(settings_.words, "folder");
    if (!folder && !any_has(settings_.words, "json") && !any_has(settings_.words, "onnx")) {
      settings_.words.insert(settings_.words.end(), {"{json}", "{onnx}"});
    }
    writes_onnx_ = folder || any_has(settings_.words, "onnx");
  }

  AccuracyEstimate accuracy(const Choices& network) override {
    AccuracyAnswer answer;
    ask(std::span(&network, 1), [&](std::size_t, const AccuracyAnswer& given) { answer = given; },
        {});
    if (!answer.ok()) throw RunError(answer.reason);
    return answer.estimate;
  }

  void ask(std::span<const Choices> networks, const Answered& answered,
           const KeepGoing& keep_going) override {
    std::map<std::uint64_t, std::unique_ptr<ScratchFolder>> folders;
    std::map<std::uint64_t, int> attempts;
    const auto start = [&](std::uint64_t task, int slot) {
      auto folder = std::make_unique<ScratchFolder>();
      ChildCommand command = prepare(networks[task], folder->path(), slot);
      folders[task] = std::move(folder);
      return command;
    };
    const auto ended = [&](std::uint64_t task, const ChildEnd& end) {
      folders.erase(task);
      const int attempt = ++attempts[task];
      const AccuracyAnswer answer = answer_of(end, attempt);
      if (!answer.ok() && attempt <= settings_.retries) return false;
      answered(task, answer);
      return true;
    };
    run_children(networks.size(), settings_.parallel, start, ended, keep_going);
  }

  bool slow() const override { return true; }

  void require_ready() const override {
    require_program(settings_.words.front(), settings_.folder);
  }

  std::string description() const override {
    return fmt::format("command {} (time limit {} s, {} retries)", join(settings_.words, " "),
                       format_number(settings_.timeout_s), settings_.retries);
  }

 private:
  ChildCommand prepare(const Choices& choices, const std::filesystem::path& folder,
                       int slot) const {
    const std::filesystem::path json_file = folder / "network.json";
    const std::filesystem::path onnx_file = folder / "network.onnx";
    const Network network = space_ ? space_->build(choices) : *network_;
    write_file_atomically(json_file, architecture_json(network, space_.get(), choices));
    if (writes_onnx_) save_onnx(network, onnx_file);
    const std::map<std::string, std::string> values{{"json", json_file.string()},
                                                    {"onnx", onnx_file.string()},
                                                    {"folder", folder.string()},
                                                    {"slot", std::to_string(slot)}};
    ChildCommand command;
    for (const std::string& word : settings_.words) {
      command.words.push_back(with_values(word, values));
    }
    command.folder = settings_.folder;
    command.timeout_s = settings_.timeout_s;
    return command;
  }

  AccuracyAnswer answer_of(const ChildEnd& end, int attempt) const {
    std::string wrong = end.ok() ? "" : end.describe();
    if (end.ok()) {
      try {
        return AccuracyAnswer::known({parse_command_answer(end.out), false});
      } catch (const InputError& e) {
        wrong = e.what();
      }
    }
    const std::vector<std::string> errors = last_lines(end.err, kErrorLines);
    return AccuracyAnswer::failed(fmt::format(
        "command: {}{}; {}", wrong, attempt > 1 ? fmt::format(" (attempt {})", attempt) : "",
        errors.empty() ? "nothing on stderr" : "stderr: " + join(errors, " | ")));
  }

  CommandSettings settings_;
  std::shared_ptr<const NetworkSpace> space_;
  std::shared_ptr<const Network> network_;
  bool writes_onnx_ = false;
};

}  // namespace

std::unique_ptr<AccuracySource> make_command_source(CommandSettings settings,
                                                    std::shared_ptr<const NetworkSpace> space,
                                                    std::shared_ptr<const Network> network) {
  return std::make_unique<CommandSource>(std::move(settings), std::move(space), std::move(network));
}

std::string architecture_json(const Network& network, const NetworkSpace* space,
                              const Choices& choices) {
  json text = {{"schema", "dovetail.architecture/1"}, {"network", network.name()}};
  text["input"] = {{"height", network.input().height},
                   {"width", network.input().width},
                   {"channels", network.input().channels}};
  text["macs"] = network.macs();
  text["parameters"] = network.parameters();
  if (space) {
    text["space"] = space->name();
    json& named = text["choices"] = json::object();
    const std::vector<bool> active = space->active(choices);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (!active[i]) continue;
      const Decision& decision = space->decisions()[i];
      const std::string& choice = decision.choices[choices[i]];
      named[decision.name] =
          decision.ordered() ? number(decision.values[choices[i]]) : json(choice);
    }
    json& blocks = text["blocks"] = json::array();
    const std::vector<std::string> parts = split(space->canonical_key(choices), ';');
    for (std::size_t i = 1; i < parts.size(); ++i) blocks.push_back(std::string(trim(parts[i])));
  }
  return text.dump(1) + "\n";
}

double parse_command_answer(const std::string& output) {
  const std::vector<std::string> all = split(output, '\n');
  const auto line = std::find_if(all.rbegin(), all.rend(),
                                 [](const std::string& text) { return !trim(text).empty(); });
  if (line == all.rend()) throw InputError("nothing on stdout, where the answer should be");
  const std::string shown = tame(*line);
  const auto answer = json::parse(*line, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) {
    throw InputError("the last line on stdout is no JSON object: " + shown);
  }
  const auto top1 = answer.find("top1_percent");
  if (top1 == answer.end()) throw InputError("the answer has no top1_percent: " + shown);
  if (!top1->is_number() || !(top1->get<double>() > 0 && top1->get<double>() <= 100)) {
    throw InputError("top1_percent: allowed a number above 0, at most 100: " + shown);
  }
  return top1->get<double>();
}

}  // namespace dovetail
