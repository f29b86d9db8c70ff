#include "models/accuracy/command/command_kind.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRetries = 100;
constexpr int kMostParallel = 1024;

class CommandAccuracySettings : public AccuracySettings {
 public:
  explicit CommandAccuracySettings(CommandSettings command) : command_(std::move(command)) {}

  /// Without `parallel`, on which nothing depends.
  std::string yaml() const override {
    std::string text = "command:\n";
    for (const std::string& word : command_.words) text += "  - " + yaml_scalar(word) + "\n";
    return text + yaml_line("folder", command_.folder.string()) +
           yaml_line("timeout_s", format_number(command_.timeout_s)) +
           yaml_line("retries", std::to_string(command_.retries));
  }
  std::shared_ptr<AccuracySource> make(const NetworkSide& side) const override {
    return make_command_source(command_, side.space, side.network);
  }
  std::map<std::string, fs::path> programs() const override {
    return UserCommand::programs(command_);
  }

 private:
  CommandSettings command_;
};

std::shared_ptr<const AccuracySettings> read(YamlMap& map, const fs::path& folder) {
  return std::make_shared<CommandAccuracySettings>(read_command_settings(map, folder));
}

}  // namespace

CommandSettings read_command_settings(YamlMap& map, const fs::path& folder) {
  CommandSettings command;
  const YamlNode words = map.required("command");
  for (const YamlNode& word : words.items()) command.words.push_back(word.as_string());
  if (command.words.empty()) throw words.error("found no program, allowed at least one word");
  const auto own_folder = map.optional("folder");
  command.folder = own_folder ? fs::path(path_in(*own_folder, folder))
                              : fs::absolute(folder.empty() ? "." : folder).lexically_normal();
  const YamlNode timeout = map.required("timeout_s");
  command.timeout_s = timeout.as_double(0);
  if (command.timeout_s == 0) throw timeout.error("found 0, allowed a number above 0");
  if (const auto retries = map.optional("retries")) {
    command.retries = static_cast<int>(retries->as_int(0, kMostRetries));
  }
  if (const auto parallel = map.optional("parallel")) {
    command.parallel = static_cast<int>(parallel->as_int(1, kMostParallel));
  }
  return command;
}

AccuracySourceKind command_kind() {
  return {"command",
          "what your own program answers for each network",
          {"command", "folder", "timeout_s", "retries", "parallel", kAskAll},
          read};
}

}  // namespace dovetail
