#include "nas/study/study_set_keys.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

/// A name becomes a part of columns and keys.
void require_usable_name(const YamlNode& item, const StudySetItem& read,
                         const std::vector<StudySetItem>& before) {
  const auto usable = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
           c == '@';
  };
  if (read.name.empty() || !std::ranges::all_of(read.name, usable)) {
    throw item.error(fmt::format(
        "found the name '{}', allowed letters, digits and _-.@; 'name' gives it another one",
        read.name));
  }
  if (std::ranges::find(before, read.name, &StudySetItem::name) != before.end()) {
    throw item.error(fmt::format("found the name '{}' twice; 'name' gives one another", read.name));
  }
}

/// "nets/first.onnx" is called first.
std::string default_name(const std::string& text) {
  if (text.find('/') == std::string::npos) return text;
  return std::filesystem::path(text).stem().string();
}

/// What both kinds of items have besides the thing itself, called `text`.
StudySetItem read_item(const YamlNode& item, YamlMap& map, const std::string& text,
                       const std::vector<StudySetItem>& before) {
  StudySetItem read;
  read.name = default_name(text);
  if (const auto name = map.optional("name")) read.name = name->as_string();
  if (const auto weight = map.optional("weight")) read.weight = weight->as_double(0);
  if (!(read.weight > 0)) throw item.error("weight: found 0, allowed a number above 0");
  if (const auto limit = map.optional("latency_ms")) {
    read.latency_ms = limit->as_double(0);
    if (*read.latency_ms == 0) throw limit->error("found 0, allowed a number above 0");
  }
  require_usable_name(item, read, before);
  return read;
}

StudySetItem read_network_item(const YamlNode& item, const StudyReading& reading,
                               StudyConfig& config) {
  YamlMap map = map_with(item, {"network", "space", "name", "weight", "latency_ms"});
  const auto network = map.optional("network"), space = map.optional("space");
  if (network.has_value() == space.has_value()) {
    throw item.error("allowed is one of 'network' and 'space'");
  }
  const YamlNode& thing = network ? *network : *space;
  StudySetItem read = read_item(item, map, thing.as_string(), config.set.networks);
  if (network) {
    read.what = name_or_path(thing, reading.folder);
    return read;
  }
  if (config.scope == Scope::kHardware) {
    throw space->error("scope 'hardware' searches no network: allowed is 'network'");
  }
  if (!config.network.space.empty()) {
    throw space->error("found a second 'space', allowed one: a candidate has one network");
  }
  config.network.space = name_or_path(thing, reading.folder);
  return read;
}

/// An accelerator, or the name of a device whose costs the user knows.
StudySetItem read_target_item(const YamlNode& item, YamlMap& map, const StudyReading& reading,
                              const StudyConfig& config) {
  if (config.cost.model->from_user) {
    refuse_keys(
        map, {"accelerator"},
        "cost.model '" + config.cost.model->name + "' has the costs of targets by their names");
    return read_item(item, map, map.required("name").as_string(), config.set.targets);
  }
  const YamlNode accelerator = map.required("accelerator");
  StudySetItem read = read_item(item, map, accelerator.as_string(), config.set.targets);
  read.what = name_or_path(accelerator, reading.folder);
  return read;
}

void require_no_phases(const YamlNode& node, const StudyConfig& config) {
  if (config.phase) throw node.error("not with scope 'phase', allowed are the other scopes");
}

std::string item_text(const std::string& kind, const std::string& what, const StudySetItem& item) {
  const std::string thing = what.empty() ? "" : kind + ": " + yaml_scalar(what) + ", ";
  std::string text = fmt::format("- {{{}name: {}, weight: {}", thing, yaml_scalar(item.name),
                                 format_number(item.weight));
  if (item.latency_ms) text += ", latency_ms: " + format_number(*item.latency_ms);
  return text + "}\n";
}

}  // namespace

void read_networks(const YamlNode& node, StudyReading& reading, StudyConfig& config) {
  require_no_phases(node, config);
  for (const YamlNode& item : node.items()) {
    config.set.networks.push_back(read_network_item(item, reading, config));
  }
  if (config.set.networks.empty()) throw node.error("found no network, allowed at least one");
  if (config.scope == Scope::kHardware) {
    config.network.fixed = config.set.networks.front().what;
  } else if (config.network.space.empty()) {
    throw node.error("found no 'space', which scope '" + to_string(config.scope) +
                     "' searches; scope 'hardware' searches none");
  }
}

std::string write_networks(const StudyConfig& config) {
  std::string lines;
  for (const StudySetItem& item : config.set.networks) {
    lines += item.what.empty() ? item_text("space", config.network.space, item)
                               : item_text("network", item.what, item);
  }
  return lines.empty() ? lines : "\n" + lines;
}

void read_hardware_targets(const YamlNode& node, StudyReading& reading, StudyConfig& config) {
  require_no_phases(node, config);
  if (config.scope != Scope::kNetwork) {
    throw node.error("the accelerators are fixed, so the scope is 'network'");
  }
  for (const YamlNode& item : node.items()) {
    YamlMap map = map_with(item, {"accelerator", "name", "weight", "latency_ms"});
    StudySetItem read = read_target_item(item, map, reading, config);
    const bool limited = std::ranges::any_of(
        config.set.networks, [](const StudySetItem& network) { return !!network.latency_ms; });
    if (read.latency_ms && limited) {
      throw item.error(
          "latency_ms: networks have one; a limit on a network and a target is a constraint, "
          "latency_ms@NETWORK@TARGET");
    }
    config.set.targets.push_back(std::move(read));
  }
  if (config.set.targets.empty()) throw node.error("found no target, allowed at least one");
  config.hardware.baseline = config.set.targets.front().what;
}

std::string write_hardware_targets(const StudyConfig& config) {
  std::string lines;
  for (const StudySetItem& item : config.set.targets) {
    lines += item_text("accelerator", item.what, item);
  }
  return lines.empty() ? lines : "\n" + lines;
}

}  // namespace dovetail
