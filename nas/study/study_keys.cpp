#include "nas/study/study_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/files/yaml_reading.h"
#include "base/process/service_link.h"
#include "base/text/text.h"
#include "nas/study/study_phase_keys.h"
#include "nas/study/study_reward_keys.h"
#include "nas/study/study_set_keys.h"
#include "nas/study/study_surrogate_keys.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

const std::vector<std::string> kScopes{"joint", "network", "hardware", "phase"};
constexpr std::size_t kPhaseScope = 3;
const std::vector<std::string> kComparisons{"none", "fixed_hardware"};

constexpr double kDefaultExploreShare = 0.2;
constexpr double kDefaultStopGainPercent = 0.2;

using Config = StudyConfig;
using Reading = StudyReading;

KeyUse required(const Config&) {
  return {true, ""};
}

// scope and phase

void read_name(const YamlNode& node, Reading&, Config& config) {
  config.name = shown_name(node);
  // Results go to out/NAME.
  const std::string& name = config.name;
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    throw node.error("found '" + name + "', allowed a name that a folder can have, without '/'");
  }
}

void read_scope(const YamlNode& node, Reading& reading, Config& config) {
  const std::size_t choice = node.as_choice(kScopes);
  if (choice != kPhaseScope) {
    config.scope = static_cast<Scope>(choice);
    return;
  }
  config.phase.emplace();
  reading.afterwards.emplace_back([node](Config& all) { begin_phases(node, all); });
}

KeyUse use_of_phase(const Config& config) {
  return {false, config.phase ? "" : "only scope 'phase' uses it"};
}

// network and hardware

KeyUse use_of_network(const Config& config) {
  if (config.set.networks.empty()) return {true, ""};
  return {false, "'networks' has those of the study"};
}

KeyUse use_of_hardware(const Config& config) {
  if (config.set.targets.empty()) return {true, ""};
  return {false, "'targets' has the accelerators of the study"};
}

KeyUse use_of_fixed(const Config& config) {
  if (config.scope == Scope::kHardware) return {true, ""};
  if (config.phase) return {};  // require_phases_fit() knows which phase is first
  return {false, "scope '" + to_string(config.scope) + "' searches the network"};
}

void read_network_space(const YamlNode& node, Reading& reading, Config& config) {
  config.network.space = name_or_path(node, reading.folder);
  reading.afterwards.emplace_back([node](Config& all) { require_phases_fit(node, all); });
}

/// A network or, with a space, a point of it.
void read_fixed(const YamlNode& node, Reading& reading, Config& config) {
  if (config.network.space.empty()) {
    config.network.fixed = name_or_path(node, reading.folder);
    return;
  }
  YamlMap choices = node.map();
  for (const auto& [decision, choice] : choices.entries()) {
    config.network.fixed_choices[decision] = choice.as_string();
  }
}

std::string write_fixed(const Config& config) {
  if (!config.network.fixed.empty()) return yaml_scalar(config.network.fixed);
  if (config.network.fixed_choices.empty()) return "";
  std::string lines = "\n";
  for (const auto& [decision, choice] : config.network.fixed_choices) {
    lines += yaml_scalar(decision) + ": " + yaml_scalar(choice) + "\n";
  }
  return lines;
}

const std::vector<StudyKey> kNetwork{
    {.name = "space",
     .use =
         [](const Config& config) {
           return KeyUse{config.scope != Scope::kHardware, ""};
         },
     .read = read_network_space,
     .write = [](const Config& config) { return text_or_none(config.network.space); }},
    {.name = "fixed", .use = use_of_fixed, .read = read_fixed, .write = write_fixed},
};

const std::vector<StudyKey> kHardware{
    {.name = "space",
     .use =
         [](const Config& config) {
           return KeyUse{config.scope != Scope::kNetwork, ""};
         },
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.hardware.space = name_or_path(node, reading.folder); },
     .write = [](const Config& config) { return text_or_none(config.hardware.space); }},
    {.name = "baseline",
     .use =
         [](const Config& config) {
           return KeyUse{config.hardware.space.empty(), ""};
         },
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.hardware.baseline = name_or_path(node, reading.folder); },
     .write = [](const Config& config) { return text_or_none(config.hardware.baseline); }},
};

// cost

KeyUse use_of_surrogate(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  return {false, model.surrogate ? "" : "model '" + model.name + "' does not use it"};
}

KeyUse use_of_resimulation(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  return {false, model.predicts ? "" : "model '" + model.name + "' does not use it"};
}

KeyUse use_of_rounds(const Config& config) {
  KeyUse use = use_of_surrogate(config);
  const bool one = config.cost.rounds == 1 || (config.cost.rounds == 0 && names_labels(config));
  if (use.refused.empty() && one) use.refused = "it needs 'rounds' above 1";
  return use;
}

void read_cost_model(const YamlNode& node, Reading& reading, Config& config) {
  std::vector<std::string> names;
  for (const CostModelInfo& model : cost_models()) names.push_back(model.name);
  config.cost.model = &cost_models()[node.as_choice(names)];
  if (!config.cost.model->predicts) return;
  if (!config.set.empty()) {
    throw node.error(fmt::format("found '{}', allowed with 'networks' or 'targets': simulation",
                                 config.cost.model->name));
  }
  config.cost.surrogate.model = kMlp;
  config.cost.rounds = config.cost.resimulate = 0;  // left open
  config.cost.explore_share = kDefaultExploreShare;
  config.cost.stop_gain_percent = kDefaultStopGainPercent;
  reading.afterwards.emplace_back(complete_surrogate);
  reading.afterwards.emplace_back([node](Config& all) { require_predicted_metrics(all, node); });
}

void read_rounds(const YamlNode& node, Reading&, Config& config) {
  config.cost.rounds = node.as_int(1, 1000);
  if (config.cost.rounds == 1 || config.cost.surrogate.file.empty()) return;
  throw node.error(
      "rounds refit the surrogate: they need 'surrogate.labels' instead of a trained 'file'");
}

const std::vector<StudyKey> kCost{
    {.name = "model",
     .use = required,
     .read = read_cost_model,
     .write = [](const Config& config) { return config.cost.model->name; }},
    {.name = "technology",
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.cost.technology = name_or_path(node, reading.folder); },
     .write = [](const Config& config) { return yaml_scalar(config.cost.technology); }},
    {.name = "service",  // no effect on results
     .read =
         [](const YamlNode& node, Reading&, Config& config) {
           config.service = node.as_string();
           if (!is_service(config.service)) throw node.error(service_refusal(config.service));
         }},
    {.name = "predicted_limits",
     .use =
         [](const Config& config) {
           return config.cost.model->predicts
                      ? KeyUse{false, "has no effect: the search is on predictions"}
                      : KeyUse{};
         },
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.predicted_limits = node.as_int(0, kMaxEvaluations); },
     .write =
         [](const Config& config) {
           const std::int64_t samples = config.cost.predicted_limits;
           return samples > 0 ? std::to_string(samples) : "";
         }},
    {.name = "surrogate",
     .use =
         [](const Config& config) {
           const KeyUse use = use_of_surrogate(config);
           return KeyUse{false, use.refused};
         },
     .keys = surrogate_keys(),
     .in_one_line = true},
    {.name = "resimulate",
     .use = use_of_resimulation,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.resimulate = node.as_int(1, kMaxEvaluations); },
     .write = [](const Config& config) { return std::to_string(config.cost.resimulate); }},
    {.name = "rounds",
     .use = use_of_surrogate,
     .read = read_rounds,
     .write = [](const Config& config) { return std::to_string(config.cost.rounds); }},
    {.name = "explore_share",
     .use = use_of_rounds,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.explore_share = node.as_double(0, 1); },
     .write = [](const Config& config) { return format_number(config.cost.explore_share); }},
    {.name = "stop_gain_percent",
     .use = use_of_rounds,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.stop_gain_percent = node.as_double(0, 100); },
     .write = [](const Config& config) { return format_number(config.cost.stop_gain_percent); }},
};

// objective

void read_reference(const YamlNode& node, Reading&, Config& config) {
  std::vector<std::string> keys;
  for (const Figure* metric : config.pareto) keys.push_back(metric->key);
  YamlMap reference = map_with(node, keys);
  for (const std::string& key : keys) {
    config.reference.push_back(reference.required(key).as_double());
  }
}

std::string write_reference(const Config& config) {
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < config.pareto.size(); ++k) {
    parts.push_back(config.pareto[k]->key + ": " + format_number(config.reference[k]));
  }
  return "{" + join(parts) + "}";
}

const std::vector<StudyKey> kObjective{
    {.name = "pareto",
     .use = required,
     .read =
         [](const YamlNode& node, Reading&, Config& config) {
           config.pareto = read_metrics(node);
           for (const Figure* metric : config.pareto) require_metric_of(config, *metric, node);
         },
     .write =
         [](const Config& config) {
           std::vector<std::string> keys;
           for (const Figure* metric : config.pareto) keys.push_back(metric->key);
           return "[" + join(keys) + "]";
         }},
    {.name = "reference", .use = required, .read = read_reference, .write = write_reference},
    {.name = "reward",
     .keys = reward_keys(),
     .is_set = [](const Config& config) { return config.reward.has_value(); }},
};

// the search

/// Each a map from decisions to choices, as files and tables write them, and of what names a start
/// (study_start.h).
void read_start(const YamlNode& node, Reading& reading, Config& config) {
  for (const YamlNode& item : node.items()) {
    YamlMap choices = item.map();
    std::map<std::string, std::string>& start = config.start.emplace_back();
    for (const auto& [key, value] : choices.entries()) {
      const bool has_name = key == "network" || key == "accelerator";
      start[key] = key == "study" ? path_in(value, reading.folder)
                   : has_name     ? name_or_path(value, reading.folder)
                                  : value.as_string();
    }
  }
}

void read_strategy(const YamlNode& node, Reading& reading, Config& config) {
  YamlMap map = node.map();
  if (const auto start = map.optional("start")) read_start(*start, reading, config);
  if (!map.has("name")) {
    map.finish();  // parameters belong to a name
    return;
  }
  const YamlNode name = map.required("name");
  const StrategyInfo& info = found(
      name, [](const std::string& text) -> const StrategyInfo& { return find_strategy(text); });
  config.strategy = info.name;
  config.strategy_parameters = info.defaults();
  for (const StrategyParameter& parameter : info.parameters) {
    const auto value = map.optional(parameter.name);
    if (!value) continue;
    config.strategy_parameters[parameter.name] =
        parameter.integer
            ? static_cast<double>(value->as_int(static_cast<std::int64_t>(parameter.min),
                                                static_cast<std::int64_t>(parameter.max)))
            : value->as_double(parameter.min, parameter.max);
  }
  map.finish();
  if (info.uses_reward && !config.reward) {
    throw name.error("strategy '" + info.name +
                     "' maximises a reward: objective.reward is missing");
  }
}

std::string write_strategy(const Config& config) {
  std::string lines;
  if (!config.strategy.empty()) lines += "name: " + config.strategy + "\n";
  for (const auto& [parameter, value] : config.strategy_parameters) {
    lines += parameter + ": " + format_number(value) + "\n";
  }
  if (!config.start.empty()) lines += "start:\n";
  for (const auto& choices : config.start) {
    std::vector<std::string> parts;
    for (const auto& [decision, choice] : choices) {
      parts.push_back(yaml_scalar(decision) + ": " + yaml_scalar(choice));
    }
    lines += "  - {" + join(parts) + "}\n";
  }
  return lines.empty() ? lines : "\n" + lines;
}

void read_seeds(const YamlNode& node, Reading&, Config& config) {
  std::vector<std::uint64_t>& seeds = config.seeds;
  for (const YamlNode& item : node.items()) {
    const auto seed = static_cast<std::uint64_t>(item.as_int(0));
    if (std::find(seeds.begin(), seeds.end(), seed) != seeds.end()) {
      throw item.error(fmt::format("found seed {} twice", seed));
    }
    seeds.push_back(seed);
  }
  if (seeds.empty()) throw node.error("found no seed, allowed at least one");
}

std::string write_seeds(const Config& config) {
  std::vector<std::string> texts;
  for (const std::uint64_t seed : config.seeds) texts.push_back(std::to_string(seed));
  return "[" + join(texts) + "]";
}

void read_comparison(const YamlNode& node, Reading&, Config& config) {
  config.compare_with_fixed_hardware = node.as_choice(kComparisons) == 1;
  if (config.compare_with_fixed_hardware && (config.scope != Scope::kJoint || config.phase)) {
    throw node.error("found 'fixed_hardware', which needs scope 'joint'");
  }
}

std::vector<StudyKey> make_keys() {
  return {
      {.name = "name",
       .use = required,
       .read = read_name,
       .write = [](const Config& config) { return yaml_scalar(config.name); }},
      {.name = "scope",
       .read = read_scope,
       .write =
           [](const Config& config) {
             return config.phase ? kScopes[kPhaseScope] : to_string(config.scope);
           }},
      {.name = "phase",
       .use = use_of_phase,
       .keys = phase_keys(),
       .in_one_line = true,
       .afterwards = true},
      {.name = "networks", .read = read_networks, .write = write_networks},
      {.name = "targets", .read = read_hardware_targets, .write = write_hardware_targets},
      {.name = "network", .use = use_of_network, .keys = kNetwork},
      {.name = "hardware", .use = use_of_hardware, .keys = kHardware},
      {.name = "accuracy",
       .read = [](const YamlNode& node, Reading& reading,
                  Config& config) { config.accuracy = read_accuracy(node, reading.folder); },
       .write = [](const Config& config) { return "\n" + accuracy_yaml(config.accuracy); }},
      {.name = "cost", .use = required, .keys = kCost},
      {.name = "objective", .use = required, .keys = kObjective},
      {.name = "constraints",
       .read =
           [](const YamlNode& node, Reading&, Config& config) {
             config.constraints = read_metric_values(node);
             for (const MetricValue& c : config.constraints) {
               require_metric_of(config, *c.metric, node);
             }
           },
       .write =
           [](const Config& config) {
             return config.constraints.empty() ? "" : metric_values_yaml(config.constraints);
           }},
      {.name = "strategy", .read = read_strategy, .write = write_strategy},
      {.name = "evaluations",
       .use = required,
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.evaluations = node.as_int(1, kMaxEvaluations); },
       .write = [](const Config& config) { return std::to_string(config.evaluations); }},
      {.name = "batch",
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.batch = node.as_int(1, kMaxEvaluations); },
       .write =
           [](const Config& config) {
             return config.batch > 0 ? std::to_string(config.batch) : "";
           }},
      {.name = "seeds", .use = required, .read = read_seeds, .write = write_seeds},
      {.name = "comparison",
       .read = read_comparison,
       .write =
           [](const Config& c) { return kComparisons[c.compare_with_fixed_hardware ? 1 : 0]; }},
      {.name = "workers",
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.workers = static_cast<int>(node.as_int(0, 4096)); }},
      {.name = "output",
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.output = node.as_string(); }},
  };
}

}  // namespace

const std::vector<StudyKey>& study_keys() {
  static const std::vector<StudyKey> kKeys = make_keys();
  return kKeys;
}

}  // namespace dovetail
