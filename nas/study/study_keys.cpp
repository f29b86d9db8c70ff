#include "nas/study/study_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "nas/study/study_cost_keys.h"
#include "nas/study/study_phase_keys.h"
#include "nas/study/study_reward_keys.h"
#include "nas/study/study_set_keys.h"
#include "nas/study/study_side_keys.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

const std::vector<std::string> kScopes{"joint", "network", "hardware", "phase"};
constexpr std::size_t kPhaseScope = 3;
const std::vector<std::string> kComparisons{"none", "fixed_hardware"};

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
  if (!config.set.targets.empty()) {
    return {false, "'targets' has the accelerators of the study"};
  }
  return {!config.cost.model->from_user || config.scope != Scope::kNetwork, ""};
}

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
    StartCandidate& start = config.start.emplace_back(StartCandidate{{}, item.where()});
    for (const auto& [key, value] : choices.entries()) {
      const bool has_name = key == "network" || key == "accelerator";
      start.choices[key] = key == "study" ? path_in(value, reading.folder)
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
  for (const StartCandidate& start : config.start) {
    std::vector<std::string> parts;
    for (const auto& [decision, choice] : start.choices) {
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
      {.name = "network", .use = use_of_network, .keys = network_keys()},
      {.name = "hardware",
       .use = use_of_hardware,
       .keys = hardware_keys(),
       .is_set =
           [](const Config& config) {
             return !config.hardware.space.empty() || !config.hardware.baseline.empty();
           }},
      {.name = "restrict", .read = read_restrict, .write = write_restrict},
      {.name = "accuracy",
       .read = [](const YamlNode& node, Reading& reading,
                  Config& config) { config.accuracy = read_accuracy(node, reading.folder); },
       .write = [](const Config& config) { return "\n" + accuracy_yaml(config.accuracy); }},
      {.name = "cost", .use = required, .keys = cost_keys()},
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
