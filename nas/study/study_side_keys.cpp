#include "nas/study/study_side_keys.h"

#include <utility>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "nas/study/study_phase_keys.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

KeyUse use_of_fixed(const StudyConfig& config) {
  if (config.scope == Scope::kHardware) return {true, ""};
  if (config.phase) return {};  // require_phases_fit() knows which phase is first
  return {false, "scope '" + to_string(config.scope) + "' searches the network"};
}

void read_network_space(const YamlNode& node, StudyReading& reading, StudyConfig& config) {
  config.network.space = name_or_path(node, reading.folder);
  reading.afterwards.emplace_back([node](StudyConfig& all) { require_phases_fit(node, all); });
}

/// A network or, with a space, a point of it.
void read_fixed(const YamlNode& node, StudyReading& reading, StudyConfig& config) {
  if (config.network.space.empty()) {
    config.network.fixed = name_or_path(node, reading.folder);
    return;
  }
  YamlMap choices = node.map();
  for (const auto& [decision, choice] : choices.entries()) {
    config.network.fixed_choices[decision] = choice.as_string();
  }
}

std::string write_fixed(const StudyConfig& config) {
  if (!config.network.fixed.empty()) return yaml_scalar(config.network.fixed);
  if (config.network.fixed_choices.empty()) return "";
  std::string lines = "\n";
  for (const auto& [decision, choice] : config.network.fixed_choices) {
    lines += yaml_scalar(decision) + ": " + yaml_scalar(choice) + "\n";
  }
  return lines;
}

/// A file, or a map that says how it is read.
void read_points(const YamlNode& node, StudyReading& reading, StudyConfig& config) {
  if (node.is_scalar()) {
    config.network.points = path_in(node, reading.folder);
    return;
  }
  YamlMap map = map_with(node, {"file", "digits_column", "columns"});
  config.network.points = path_in(map.required("file"), reading.folder);
  config.network.point_columns = NetworkColumns::from_yaml(map);
}

std::string write_points(const StudyConfig& config) {
  const NetworkSettings& settings = config.network;
  if (settings.points.empty()) return "";
  const std::string columns = settings.point_columns.yaml();
  const std::string file = yaml_scalar(settings.points);
  return columns.empty() ? file : "\nfile: " + file + "\n" + columns;
}

KeyUse use_of_points(const StudyConfig& config) {
  if (config.scope == Scope::kHardware) return {false, "scope 'hardware' searches no network"};
  return {};
}

const std::vector<StudyKey> kNetwork{
    {.name = "space",
     .use =
         [](const StudyConfig& config) {
           return KeyUse{config.scope != Scope::kHardware, ""};
         },
     .read = read_network_space,
     .write = [](const StudyConfig& config) { return text_or_none(config.network.space); }},
    {.name = "points", .use = use_of_points, .read = read_points, .write = write_points},
    {.name = "fixed", .use = use_of_fixed, .read = read_fixed, .write = write_fixed},
};

const std::vector<StudyKey> kHardware{
    {.name = "space",
     .use =
         [](const StudyConfig& config) {
           return KeyUse{config.scope != Scope::kNetwork, ""};
         },
     .read =
         [](const YamlNode& node, StudyReading& reading, StudyConfig& config) {
           config.hardware.space = name_or_path(node, reading.folder);
         },
     .write = [](const StudyConfig& config) { return text_or_none(config.hardware.space); }},
    {.name = "baseline",
     .use =
         [](const StudyConfig& config) {
           return KeyUse{config.hardware.space.empty(), ""};
         },
     .read =
         [](const YamlNode& node, StudyReading& reading, StudyConfig& config) {
           config.hardware.baseline = name_or_path(node, reading.folder);
         },
     .write = [](const StudyConfig& config) { return text_or_none(config.hardware.baseline); }},
};

}  // namespace

void read_restrict(const YamlNode& node, StudyReading&, StudyConfig& config) {
  for (const YamlNode& item : node.items()) {
    YamlMap map = map_with(item, {"decision", "choices"});
    DecisionLimit limit{map.required("decision").as_string(), {}, item.where()};
    const YamlNode choices = map.required("choices");
    for (const YamlNode& choice : choices.items()) limit.choices.push_back(choice.as_string());
    if (limit.choices.empty()) throw choices.error("found no choice, allowed at least one");
    config.restrict.push_back(std::move(limit));
  }
  if (config.restrict.empty()) throw node.error("found no decision, allowed at least one");
}

std::string write_restrict(const StudyConfig& config) {
  std::string lines;
  for (const DecisionLimit& limit : config.restrict) {
    std::vector<std::string> choices;
    for (const std::string& choice : limit.choices) choices.push_back(yaml_scalar(choice));
    lines +=
        "- {decision: " + yaml_scalar(limit.decision) + ", choices: [" + join(choices) + "]}\n";
  }
  return lines.empty() ? lines : "\n" + lines;
}

const std::vector<StudyKey>& network_keys() {
  return kNetwork;
}

const std::vector<StudyKey>& hardware_keys() {
  return kHardware;
}

}  // namespace dovetail
