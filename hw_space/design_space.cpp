#include "hw_space/design_space.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/files/yaml_reading.h"
#include "base/text/text.h"

namespace dovetail {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSchema = "dovetail.design_space/1";

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

}  // namespace

DesignSpace DesignSpace::load(const fs::path& file) {
  return read(YamlNode::load(file), file.parent_path());
}

DesignSpace DesignSpace::parse(const std::string& text, const std::string& file) {
  const YamlNode document = YamlNode::parse(text, file);
  YamlMap map = document.map();
  if (const YamlNode base = map.required("base"); !base.is_map()) {
    throw base.error("found the name of an accelerator, allowed here is the accelerator itself");
  }
  return read(document, {});
}

DesignSpace DesignSpace::read(const YamlNode& document, const fs::path& folder) {
  DesignSpace space;
  YamlMap map = document.map();
  map.require_schema(kSchema);
  space.name_ = shown_name(map.required("name"));
  space.base_ = load_base(map.required("base"), folder);
  const YamlNode decisions = map.required("decisions");
  map.finish();
  for (const YamlNode& decision : decisions.items()) {
    if (const auto repeat = decision.map().optional("repeat")) {
      throw repeat->error("an accelerator has each parameter once");
    }
  }
  space.decisions_ = DecisionSpace::from_yaml(decisions);
  for (const YamlNode& decision : decisions.items()) {
    YamlMap item = decision.map();
    const AcceleratorParameter& parameter = read_parameter_name(item.required("name"));
    space.varied_.push_back({&parameter, {}});
    for (const YamlNode& choice : item.required("choices").items()) {
      space.varied_.back().values.push_back(parameter.read(choice));
    }
  }
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
  for (std::size_t i = 0; i < varied_.size(); ++i) {
    varied_[i].parameter->set(config, varied_[i].values[choices[i]]);
  }
  return config;
}

Choices DesignSpace::encode(const AcceleratorConfig& config) const {
  Choices choices;
  AcceleratorConfig rest = config;  // becomes the base if nothing else differs
  for (std::size_t i = 0; i < varied_.size(); ++i) {
    const auto& [parameter, values] = varied_[i];
    const auto at = std::find(values.begin(), values.end(), parameter->get(config));
    if (at == values.end()) {
      throw InputError(fmt::format("accelerator '{}': {}: found {}, allowed in '{}': {}",
                                   config.name, parameter->key, parameter->text_in(config), name_,
                                   join(decisions_[i].choices)));
    }
    choices.push_back(static_cast<Choices::value_type>(at - values.begin()));
    parameter->set(rest, parameter->get(base_));
  }
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (parameter.get(rest) == parameter.get(base_)) continue;
    throw InputError(fmt::format("accelerator '{}': {}: found {}, allowed in '{}': {} as in '{}'",
                                 config.name, parameter.key, parameter.text_in(rest), name_,
                                 parameter.text_in(base_), base_.name));
  }
  return choices;
}

}  // namespace dovetail
