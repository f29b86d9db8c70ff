#include "models/accuracy/accuracy_sources.h"

#include <algorithm>

#include "base/text/error.h"
#include "base/files/paths.h"
#include "base/text/text.h"
#include "models/accuracy/measured/accuracy_table.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/accuracy/ridge/ridge_predictor.h"
#include "models/accuracy/transfer/transfer_model.h"
#include "models/accuracy/transfer/transfer_predictor.h"
#include "base/files/yaml_reading.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kOutOfRange{"refuse", "flag"};
const std::vector<std::string> kDuplicates{"refuse", "mean"};

constexpr std::uintmax_t kLargestScript = 1 << 20;  // larger arguments are data, not programs

/// One of `choices`; the first where the key is missing.
std::string read_choice(YamlMap& map, const std::string& key,
                        const std::vector<std::string>& choices) {
  const auto node = map.optional(key);
  return choices[node ? node->as_choice(choices) : 0];
}

std::string line(const std::string& key, const std::string& value) {
  return "  " + key + ": " + yaml_scalar(value) + "\n";
}

const NetworkSpace& space_of(const NetworkSide& side, const std::string& source) {
  if (side.space) return *side.space;
  throw InputError("source '" + source + "' needs a network space (network.space)");
}

// predictor

void read_predictor(YamlMap& map, const fs::path& folder, AccuracySettings& settings) {
  settings.file = name_or_path(map.required("file"), folder);
  settings.out_of_range = read_choice(map, "out_of_range", kOutOfRange);
}

std::string write_predictor(const AccuracySettings& settings) {
  return line("file", settings.file) + line("out_of_range", settings.out_of_range);
}

std::shared_ptr<AccuracySource> make_predictor(const AccuracySettings& settings,
                                               const NetworkSide& side) {
  return load_ridge_predictor(
      resolve_accuracy_file(settings.file), space_of(side, "predictor"),
      settings.out_of_range == "flag" ? OutOfRange::kFlag : OutOfRange::kRefuse);
}

// transfer

void read_transfer(YamlMap& map, const fs::path& folder, AccuracySettings& settings) {
  settings.file = name_or_path(map.required("file"), folder);
}

std::string write_transfer(const AccuracySettings& settings) {
  return line("file", settings.file);
}

std::shared_ptr<AccuracySource> make_transfer(const AccuracySettings& settings,
                                              const NetworkSide& side) {
  return load_transfer_predictor(resolve_accuracy_file(settings.file), space_of(side, "transfer"));
}

// table

void read_table(YamlMap& map, const fs::path& folder, AccuracySettings& settings) {
  settings.file = path_in(map.required("file"), folder);
  settings.duplicates = read_choice(map, "duplicates", kDuplicates);
  if (const auto name = map.optional("accuracy_column")) {
    settings.format.accuracy = name->as_string();
  }
  if (const auto name = map.optional("digits_column")) settings.format.digits = name->as_string();
  if (const auto columns = map.optional("columns")) {
    YamlMap by_decision = columns->map();
    for (const auto& [decision, column] : by_decision.entries()) {
      settings.format.columns[decision] = column.as_string();
    }
  }
}

std::string write_table(const AccuracySettings& settings) {
  std::string text = line("file", settings.file) + line("duplicates", settings.duplicates);
  const MeasurementFormat& format = settings.format;
  if (!format.accuracy.empty()) text += line("accuracy_column", format.accuracy);
  if (!format.digits.empty()) text += line("digits_column", format.digits);
  if (!format.columns.empty()) text += "  columns:\n";
  for (const auto& [decision, column] : format.columns) {
    text += "  " + line(yaml_scalar(decision), column);
  }
  return text;
}

std::shared_ptr<AccuracySource> make_table(const AccuracySettings& settings,
                                           const NetworkSide& side) {
  return load_accuracy_table(
      settings.file, space_of(side, "table"), settings.format,
      settings.duplicates == "mean" ? Duplicates::kMean : Duplicates::kRefuse);
}

// command

constexpr int kMostRetries = 100;
constexpr int kMostParallel = 1024;

void read_command(YamlMap& map, const fs::path& folder, AccuracySettings& settings) {
  CommandSettings& command = settings.command;
  const YamlNode words = map.required("command");
  for (const YamlNode& word : words.items()) command.words.push_back(word.as_string());
  if (command.words.empty()) throw words.error("found no program, allowed at least one word");
  const auto own_folder = map.optional("folder");
  command.folder =
      own_folder ? fs::path(path_in(*own_folder, folder)) : fs::absolute(folder).lexically_normal();
  const YamlNode timeout = map.required("timeout_s");
  command.timeout_s = timeout.as_double(0);
  if (command.timeout_s == 0) throw timeout.error("found 0, allowed a number above 0");
  if (const auto retries = map.optional("retries")) {
    command.retries = static_cast<int>(retries->as_int(0, kMostRetries));
  }
  if (const auto parallel = map.optional("parallel")) {
    command.parallel = static_cast<int>(parallel->as_int(1, kMostParallel));
  }
}

/// Without `parallel`, on which nothing depends.
std::string write_command(const AccuracySettings& settings) {
  const CommandSettings& command = settings.command;
  std::string text = "  command:\n";
  for (const std::string& word : command.words) text += "    - " + yaml_scalar(word) + "\n";
  return text + line("folder", command.folder.string()) +
         line("timeout_s", format_number(command.timeout_s)) +
         line("retries", std::to_string(command.retries));
}

std::shared_ptr<AccuracySource> make_command(const AccuracySettings& settings,
                                             const NetworkSide& side) {
  return make_command_source(settings.command, side.space, side.network);
}

// published

/// The figure that was published with the one network of the study.
class PublishedAccuracy : public AccuracySource {
 public:
  explicit PublishedAccuracy(const NetworkSide& side) : network_(side.network) {
    if (!network_) {
      throw InputError("source 'published' needs one network of the zoo (network.fixed)");
    }
    if (!network_->published.top1_percent) {
      throw InputError("network '" + network_->name() + "' has no published top-1 accuracy");
    }
  }
  AccuracyEstimate accuracy(const Choices&) override {
    return {*network_->published.top1_percent, false};
  }
  std::string description() const override {
    return "published accuracy of " + network_->name() + ": " + network_->published.source;
  }

 private:
  std::shared_ptr<const Network> network_;
};

void read_published(YamlMap&, const fs::path&, AccuracySettings&) {}

std::string write_published(const AccuracySettings&) {
  return "";
}

std::shared_ptr<AccuracySource> make_published(const AccuracySettings&, const NetworkSide& side) {
  return std::make_shared<PublishedAccuracy>(side);
}

const std::vector<AccuracySourceKind>& table() {
  static const std::vector<AccuracySourceKind> rows{
      {"predictor",
       "fitted on measured networks of the space (dovetail fit-accuracy)",
       {"file", "out_of_range"},
       read_predictor,
       write_predictor,
       make_predictor},
      {"transfer",
       "effects of another space, carried over; always flagged (dovetail fit-transfer)",
       {"file"},
       read_transfer,
       write_transfer,
       make_transfer},
      {"table",
       "looked up in a file of measured networks (CSV, or JSON as of NAS-Bench-Macro)",
       {"file", "duplicates", "accuracy_column", "digits_column", "columns"},
       read_table,
       write_table,
       make_table},
      {"command",
       "what your own program answers for each network",
       {"command", "folder", "timeout_s", "retries", "parallel"},
       read_command,
       write_command,
       make_command},
      {"published",
       "the published figure of one network of the zoo",
       {},
       read_published,
       write_published,
       make_published},
  };
  return rows;
}

}  // namespace

std::span<const AccuracySourceKind> accuracy_source_kinds() {
  return table();
}

const AccuracySourceKind& find_accuracy_source(const std::string& name) {
  std::vector<std::string> known;
  for (const AccuracySourceKind& kind : table()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw InputError(unknown_name("accuracy source", name, known));
}

AccuracySettings read_accuracy_settings(const YamlNode& node, const fs::path& folder) {
  std::vector<std::string> keys{"source"};
  for (const AccuracySourceKind& kind : table()) {
    keys.insert(keys.end(), kind.keys.begin(), kind.keys.end());
  }
  YamlMap map = map_with(node, keys);
  const AccuracySourceKind& kind =
      found(map.required("source"), [](const std::string& name) -> const AccuracySourceKind& {
        return find_accuracy_source(name);
      });
  std::erase_if(keys, [&](const std::string& key) {
    return key == "source" || std::find(kind.keys.begin(), kind.keys.end(), key) != kind.keys.end();
  });
  refuse_keys(map, keys, "source '" + kind.name + "' does not use it");
  AccuracySettings settings;
  settings.source = kind.name;
  kind.read(map, folder, settings);
  return settings;
}

std::string accuracy_yaml(const AccuracySettings& settings) {
  return line("source", settings.source) + find_accuracy_source(settings.source).write(settings);
}

std::map<std::string, fs::path> accuracy_files(const AccuracySettings& settings) {
  if (settings.file.empty()) return {};
  return {{"accuracy", resolve_accuracy_file(settings.file)}};
}

std::map<std::string, fs::path> accuracy_programs(const AccuracySettings& settings) {
  std::map<std::string, fs::path> files;
  for (const std::string& word : settings.command.words) {
    const fs::path file = settings.command.folder / word;
    std::error_code error;
    if (fs::is_regular_file(file, error) && fs::file_size(file, error) <= kLargestScript) {
      files[word] = file;
    }
  }
  return files;
}

fs::path resolve_accuracy_file(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json")) {
    return name_or_path;
  }
  const fs::path folder = configs_folder() / "accuracy";
  fs::path file = folder / (name_or_path + ".json");
  std::error_code error;
  if (fs::exists(file, error)) return file;
  std::vector<std::string> known;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
  }
  std::sort(known.begin(), known.end());
  throw InputError(unknown_name("accuracy predictor", name_or_path, known));
}

}  // namespace dovetail
