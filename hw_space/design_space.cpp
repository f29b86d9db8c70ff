#include "hw_space/design_space.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/text/text.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSchema = "dovetail.design_space/1";

const AcceleratorParameter* find_parameter(const std::string& key) {
  const auto parameters = accelerator_parameters();
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const AcceleratorParameter& p) { return p.key == key; });
  return at == parameters.end() ? nullptr : &*at;
}

AcceleratorConfig load_base(const YamlNode& node, const fs::path& folder) {
  if (node.is_map()) return AcceleratorConfig::from_yaml(node);
  fs::path file;
  try {
    file = resolve_config("accelerators", node.as_string(), folder);
  } catch (const InputError& e) {
    throw node.error(e.what());
  }
  return AcceleratorConfig::load(file);
}

void check_decision(const YamlNode& node) {
  YamlMap map = node.map();
  const YamlNode name = map.required("name");
  const AcceleratorParameter* parameter = find_parameter(name.as_string());
  if (parameter == nullptr) {
    std::vector<std::string> known;
    for (const AcceleratorParameter& p : accelerator_parameters()) known.push_back(p.key);
    throw name.error(unknown_name("accelerator parameter", name.as_string(), known));
  }
  for (const YamlNode& choice : map.required("choices").items()) {
    if (parameter->integer) {
      choice.as_int(static_cast<std::int64_t>(parameter->min),
                    static_cast<std::int64_t>(parameter->max));
    } else {
      choice.as_double(parameter->min, parameter->max);
    }
  }
}

}  // namespace

DesignSpace DesignSpace::load(const fs::path& file) {
  return read(YamlNode::load(file), file.parent_path());
}

DesignSpace DesignSpace::read(const YamlNode& document, const fs::path& folder) {
  DesignSpace space;
  YamlMap map = document.map();
  map.require_schema(kSchema);
  space.name_ = map.required("name").as_string();
  space.base_ = load_base(map.required("base"), folder);
  const YamlNode decisions = map.required("decisions");
  map.finish();
  space.decisions_ = DecisionSpace::from_yaml(decisions);
  for (const YamlNode& decision : decisions.items()) check_decision(decision);
  if (!space.decisions_.count()) {
    throw decisions.error(
        fmt::format("found {} points, allowed less than 2^64", space.decisions_.cardinality()));
  }
  return space;
}

std::string DesignSpace::to_yaml() const {
  std::string text = fmt::format("schema: {}\nname: {}\nbase:\n", kSchema, yaml_scalar(name_));
  for (const std::string& line : split(std::string(trim(base_.to_yaml())), '\n')) {
    text += "  " + line + "\n";
  }
  text += "decisions:\n";
  for (const Decision& decision : decisions_.decisions()) {
    text += fmt::format("  - name: {}\n", yaml_scalar(decision.name));
    if (!decision.unit.empty()) text += fmt::format("    unit: {}\n", yaml_scalar(decision.unit));
    text += "    choices:\n";
    for (const std::string& choice : decision.choices) {
      // A number that is not quoted is one of an ordered decision.
      text += fmt::format("      - {}\n", decision.ordered() ? choice : yaml_scalar(choice));
    }
  }
  return text;
}

AcceleratorConfig DesignSpace::decode(const Choices& choices) const {
  AcceleratorConfig config = base_;
  config.name = fmt::format("{}-{}", name_, decisions_.index_of(choices));
  for (std::size_t i = 0; i < decisions_.size(); ++i) {
    find_parameter(decisions_[i].name)->set(config, decisions_[i].values[choices[i]]);
  }
  return config;
}

Choices DesignSpace::encode(const AcceleratorConfig& config) const {
  Choices choices;
  AcceleratorConfig rest = config;  // becomes the base if nothing else differs
  for (const Decision& decision : decisions_.decisions()) {
    const AcceleratorParameter& parameter = *find_parameter(decision.name);
    const double value = parameter.get(config);
    const auto at = std::find(decision.values.begin(), decision.values.end(), value);
    if (at == decision.values.end()) {
      throw InputError(fmt::format("accelerator '{}': {}: found {}, allowed in '{}': {}",
                                   config.name, decision.name, value, name_,
                                   join(decision.choices)));
    }
    choices.push_back(static_cast<Choices::value_type>(at - decision.values.begin()));
    parameter.set(rest, parameter.get(base_));
  }
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (parameter.get(rest) == parameter.get(base_)) continue;
    throw InputError(fmt::format("accelerator '{}': {}: found {}, allowed in '{}': {} as in '{}'",
                                 config.name, parameter.key, parameter.get(rest), name_,
                                 parameter.get(base_), base_.name));
  }
  if (rest.weights != base_.weights) {
    throw InputError(fmt::format(
        "accelerator '{}': weights: found {}, allowed in '{}': {} as in '{}'", config.name,
        to_string(rest.weights), name_, to_string(base_.weights), base_.name));
  }
  return choices;
}

}  // namespace dovetail
