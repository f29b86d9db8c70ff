#include "models/accuracy/accuracy_sources.h"

#include <algorithm>
#include <vector>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "models/accuracy/command/command_kind.h"
#include "models/accuracy/measured/table_kind.h"
#include "models/accuracy/none/none_kind.h"
#include "models/accuracy/published/published_kind.h"
#include "models/accuracy/ridge/predictor_kind.h"
#include "models/accuracy/supernet/supernet_kind.h"
#include "models/accuracy/told/told_kind.h"
#include "models/accuracy/train/train_kind.h"
#include "models/accuracy/transfer/transfer_kind.h"

namespace dovetail {

std::span<const AccuracySourceKind> accuracy_source_kinds() {
  static const std::vector<AccuracySourceKind> kRows{
      predictor_kind(), transfer_kind(),  table_kind(), command_kind(), train_kind(),
      supernet_kind(),  published_kind(), told_kind(),  none_kind(),
  };
  return kRows;
}

const AccuracySourceKind& find_accuracy_source(const std::string& name) {
  std::vector<std::string> known;
  for (const AccuracySourceKind& kind : accuracy_source_kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw InputError(unknown_name("accuracy source", name, known));
}

AccuracyChoice read_accuracy(const YamlNode& node, const std::filesystem::path& folder) {
  std::vector<std::string> keys{"source"};
  for (const AccuracySourceKind& kind : accuracy_source_kinds()) {
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
  AccuracyChoice choice{kind.name, kind.read(map, folder)};
  if (const auto all = map.optional(kAskAll)) choice.ask_all = all->as_bool();
  return choice;
}

AccuracyChoice no_accuracy() {
  return read_accuracy(YamlNode::parse("source: none", "accuracy"), {});
}

bool AccuracyChoice::speaks() const {
  return source != "none";
}

std::string accuracy_yaml(const AccuracyChoice& accuracy) {
  const std::string all = accuracy.ask_all ? std::string(kAskAll) + ": true\n" : "";
  return yaml_line("source", accuracy.source) + accuracy.settings->yaml() + all;
}

}  // namespace dovetail
