#include "hw_space/accelerator_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/numbers/named_choices.h"
#include "base/text/point_name.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAccelerators = "accelerators";
constexpr const char* kSpaces = "spaces";

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
}

bool is_space(const fs::path& file) {
  return YamlNode::load(file).map().required("schema").as_string().starts_with(
      "dovetail.design_space");
}

/// What `name` names, before anything is said of a point or a change.
AcceleratorName named(const std::string& name, const fs::path& folder) {
  AcceleratorName found;
  if (is_path(name)) {
    found.file = resolve_config(kAccelerators, name, folder);
    found.of_space = is_space(found.file);
    return found;
  }
  found.of_space = !has(list_configs(kAccelerators), name) && has(list_configs(kSpaces), name);
  found.file = resolve_config(found.of_space ? kSpaces : kAccelerators, name);
  if (found.of_space && !is_space(found.file)) {
    throw InputError(fmt::format(
        "accelerator '{}': found a space of networks, allowed one of accelerators", name));
  }
  return found;
}

/// "nahas_edge-3778": the space and the number, if the text ends in one and names none as a whole.
std::optional<AcceleratorName> numbered(const std::string& text, const fs::path& folder) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string::npos || dash == 0 || has(list_configs(kAccelerators), text)) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char *first = text.data() + dash + 1, *last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  const std::string space = text.substr(0, dash);
  if (!is_path(space) && !has(list_configs(kSpaces), space)) return std::nullopt;
  AcceleratorName found = named(space, folder);
  if (!found.of_space) return std::nullopt;
  found.number = number;
  return found;
}

AcceleratorConfig changed(const AcceleratorName& name) {
  AcceleratorConfig config = AcceleratorConfig::load(name.file);
  if (name.values.empty()) return config;
  config.name = name.text;
  std::vector<std::string> known;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    known.push_back(parameter.key);
    const auto value = name.values.find(parameter.key);
    if (value == name.values.end()) continue;
    YamlMap map =
        YamlNode::parse(fmt::format("{}: {}", parameter.key, value->second), name.text).map();
    parameter.set(config, parameter.read(map.required(parameter.key)));
    map.finish();
  }
  for (const auto& [key, value] : name.values) {
    if (!has(known, key)) {
      throw InputError(
          fmt::format("accelerator '{}': {}", name.text, unknown_name("parameter", key, known)));
    }
  }
  return config;
}

/// Where a choice is left out, that of the accelerator which the space starts from, if it is a
/// point of the space.
Choices completed(const std::map<std::string, std::string>& values, const DesignSpace& space) {
  const DecisionSpace& decisions = space.decisions();
  std::map<std::string, std::string> all = values;
  try {
    for (const auto& [decision, choice] : decisions.decode(space.encode(space.base()))) {
      all.emplace(decision, choice);
    }
  } catch (const InputError&) {
    // Then each must be there.
  }
  return named_choices(all, decisions,
                       [](const Choices& c) { return std::vector(c.size(), true); });
}

}  // namespace

Choices point_of(const AcceleratorName& name, const DesignSpace& space) {
  const DecisionSpace& decisions = space.decisions();
  const std::uint64_t last = *decisions.count() - 1;
  if (!name.number && name.values.empty()) {
    throw InputError(fmt::format(
        "accelerator '{}': found a space, allowed a point of it: '{}-0' to '{}-{}', or by choices, "
        "'{}:{}={}'",
        name.text, name.text, name.text, last, name.text, decisions[0].name,
        decisions[0].choices[0]));
  }
  if (name.number && *name.number > last) {
    throw InputError(fmt::format("accelerator '{}': found point {} of '{}', allowed 0 to {}",
                                 name.text, *name.number, space.name(), last));
  }
  try {
    return name.number ? decisions.from_index(*name.number) : completed(name.values, space);
  } catch (const InputError& e) {
    throw InputError(fmt::format("accelerator '{}': {}", name.text, e.what()));
  }
}

AcceleratorName read_accelerator_name(const std::string& text, const fs::path& folder) {
  AcceleratorName name;
  if (const std::optional<PointName> point = point_name(text)) {
    name = named(point->of, folder);
    name.values = point->values;
  } else if (const std::optional<AcceleratorName> found = numbered(text, folder)) {
    name = *found;
  } else {
    name = named(text, folder);
  }
  name.text = text;
  return name;
}

AcceleratorConfig load_accelerator(const AcceleratorName& name) {
  if (!name.of_space) return changed(name);
  const DesignSpace space = DesignSpace::load(name.file);
  return space.decode(point_of(name, space));
}

AcceleratorConfig find_accelerator(const std::string& text, const fs::path& folder) {
  return load_accelerator(read_accelerator_name(text, folder));
}

}  // namespace dovetail
