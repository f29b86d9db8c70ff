#include "nas/study/study_key.h"

#include "base/files/yaml_reading.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

std::string indented(const std::string& lines) {
  std::string text;
  for (const std::string& line : split(lines, '\n')) {
    if (!line.empty()) text += "  " + line + "\n";
  }
  return text;
}

KeyUse use_of(const StudyKey& key, const StudyConfig& config) {
  return key.use == nullptr ? KeyUse{} : key.use(config);
}

/// The value of a key as StudyKey::write has it.
std::string value_of(const StudyKey& key, const StudyConfig& config) {
  if (key.keys.empty()) return key.write == nullptr ? "" : key.write(config);
  if (key.is_set != nullptr && !key.is_set(config)) return "";
  const std::string lines = write_keys(key.keys, config);
  if (!key.in_one_line) return "\n" + lines;
  std::vector<std::string> parts = split(lines, '\n');
  parts.pop_back();
  return "{" + join(parts) + "}";
}

}  // namespace

void read_keys(const YamlNode& node, const std::vector<StudyKey>& keys, StudyReading& reading,
               StudyConfig& config, const std::vector<std::string>& also) {
  std::vector<std::string> names = also;
  for (const StudyKey& key : keys) names.push_back(key.name);
  YamlMap map = map_with(node, names);
  for (const StudyKey& key : keys) {
    const KeyUse use = use_of(key, config);
    if (!use.refused.empty()) {
      refuse_keys(map, {key.name}, use.refused);
      continue;
    }
    const auto value = use.required ? map.required(key.name) : map.optional(key.name);
    if (!value) continue;
    if (key.keys.empty()) {
      key.read(*value, reading, config);
    } else if (key.afterwards) {
      reading.afterwards.emplace_back([value = *value, &key, &reading](StudyConfig& all) {
        read_keys(value, key.keys, reading, all);
      });
    } else {
      read_keys(*value, key.keys, reading, config);
    }
  }
}

std::string write_keys(const std::vector<StudyKey>& keys, const StudyConfig& config) {
  std::string text;
  for (const StudyKey& key : keys) {
    if (!use_of(key, config).refused.empty()) continue;
    const std::string value = value_of(key, config);
    if (value.empty()) continue;
    if (value.front() == '\n') {
      text += key.name + ":\n" + indented(value.substr(1));
    } else {
      text += key.name + ": " + value + "\n";
    }
  }
  return text;
}

}  // namespace dovetail
