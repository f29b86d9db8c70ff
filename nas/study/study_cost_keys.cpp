#include "nas/study/study_cost_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "base/files/yaml_reading.h"
#include "base/process/service_link.h"
#include "base/text/text.h"
#include "nas/study/study_surrogate_keys.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

const std::vector<std::string> kDuplicates{"refuse", "mean"};

constexpr int kMostRetries = 100;
constexpr double kDefaultExploreShare = 0.2;
constexpr double kDefaultStopGainPercent = 0.2;

using Config = StudyConfig;
using Reading = StudyReading;

KeyUse required(const Config&) {
  return {true, ""};
}

KeyUse use_of_surrogate(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  return {false, model.surrogate ? "" : "model '" + model.name + "' does not use it"};
}

KeyUse use_of_resimulation(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  return {false, model.predicts ? "" : "model '" + model.name + "' does not use it"};
}

KeyUse use_of_explored(const Config& config) {
  KeyUse use = use_of_resimulation(config);
  const bool one = config.cost.rounds == 1 || (config.cost.rounds == 0 && names_labels(config));
  if (use.refused.empty() && one) use.refused = "it needs 'rounds' above 1";
  return use;
}

KeyUse use_of_file(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  if (model.name == kMeasuredCosts) return {};
  return {false, "model '" + model.name + "' reads no file of costs"};
}

KeyUse use_of_command_settings(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  if (model.name == kCommandCosts) return {};
  return {false, "model '" + model.name + "' runs no program"};
}

KeyUse use_of_command(const Config& config) {
  const KeyUse use = use_of_command_settings(config);
  return {use.refused.empty(), use.refused};
}

void read_command(const YamlNode& node, Reading& reading, Config& config) {
  CommandSettings& command = config.cost.command;
  for (const YamlNode& word : node.items()) command.words.push_back(word.as_string());
  if (command.words.empty()) throw node.error("found no program, allowed at least one word");
  const std::filesystem::path& folder = reading.folder;
  command.folder = std::filesystem::absolute(folder.empty() ? "." : folder).lexically_normal();
}

std::string write_command(const Config& config) {
  std::string lines;
  for (const std::string& word : config.cost.command.words) {
    lines += "- " + yaml_scalar(word) + "\n";
  }
  return "\n" + lines;
}

/// Of the area of a baseline, if nothing else.
KeyUse use_of_technology(const Config& config) {
  return {false, config.has_accelerator() ? "" : "the study has no accelerator"};
}

KeyUse use_of_simulation(const Config& config) {
  const CostModelInfo& model = *config.cost.model;
  const bool simulates = !model.from_user && !model.predictions_are_final();
  return {false, simulates ? "" : "model '" + model.name + "' does not simulate"};
}

KeyUse use_of_correction(const Config& config) {
  KeyUse use = use_of_simulation(config);
  if (use.refused.empty() && !config.set.empty()) {
    use.refused =
        "it is about pairs of one network space and one hardware space, and not about "
        "'networks' or 'targets'";
  }
  return use;
}

/// Costs that are looked up or asked for say nothing of areas before, and of networks by choices.
void require_own_costs_fit(const YamlNode& node, Reading& reading, const Config& config) {
  const std::string& model = config.cost.model->name;
  if (!config.set.networks.empty() || (!config.set.empty() && model == kCommandCosts)) {
    throw node.error(
        fmt::format("found '{}', allowed with 'networks' or 'targets': simulation, "
                    "and with 'targets' {}",
                    model, kMeasuredCosts));
  }
  if (config.network.space.empty()) {
    throw node.error(
        fmt::format("'{}' is about the networks of a space: 'network.space' is missing", model));
  }
  reading.afterwards.emplace_back([node](Config& all) {
    if (all.has_accelerator()) return;
    std::vector<MetricValue> values = all.constraints;
    if (all.reward) {
      for (const RewardTermSettings& term : all.reward->terms) values.push_back(term.target);
    }
    if (std::ranges::all_of(values, [](const MetricValue& v) { return v.value.has_value(); })) {
      return;
    }
    throw node.error(
        "'area_mm2: baseline' needs an accelerator, and the study has none: allowed a number, or "
        "'hardware.baseline'");
  });
}

/// Decisions and figures by their names, and the columns that have them.
void read_columns(const YamlNode& node, Reading&, Config& config) {
  YamlMap columns = node.map();
  for (const auto& [key, column] : columns.entries()) {
    config.cost.columns.columns[key] = column.as_string();
  }
}

std::string write_columns(const Config& config) {
  std::string lines;
  for (const auto& [key, column] : config.cost.columns.columns) {
    lines += yaml_scalar(key) + ": " + yaml_scalar(column) + "\n";
  }
  return lines.empty() ? lines : "\n" + lines;
}

void read_cost_model(const YamlNode& node, Reading& reading, Config& config) {
  std::vector<std::string> names;
  for (const CostModelInfo& model : cost_models()) names.push_back(model.name);
  config.cost.model = &cost_models()[node.as_choice(names)];
  if (config.cost.model->from_user) require_own_costs_fit(node, reading, config);
  if (!config.cost.model->surrogate) return;
  if (!config.set.empty()) {
    throw node.error(
        fmt::format("found '{}', allowed with 'networks' or 'targets': simulation, and "
                    "with 'targets' {}",
                    config.cost.model->name, kMeasuredCosts));
  }
  config.cost.surrogate.model = kMlp;
  reading.afterwards.emplace_back([node](Config& all) { require_predicted_metrics(all, node); });
  if (!config.cost.model->predicts) return;
  config.cost.rounds = config.cost.resimulate = 0;  // left open
  config.cost.explore_share = kDefaultExploreShare;
  config.cost.stop_gain_percent = kDefaultStopGainPercent;
  reading.afterwards.emplace_back(complete_surrogate);
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
    {.name = "file",
     .use =
         [](const Config& config) {
           const KeyUse use = use_of_file(config);
           return KeyUse{use.refused.empty(), use.refused};
         },
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.cost.file = path_in(node, reading.folder); },
     .write = [](const Config& config) { return yaml_scalar(config.cost.file); }},
    {.name = "columns", .use = use_of_file, .read = read_columns, .write = write_columns},
    {.name = "digits_column",
     .use = use_of_file,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.columns.digits = node.as_string(); },
     .write = [](const Config& config) { return text_or_none(config.cost.columns.digits); }},
    {.name = "duplicates",
     .use = use_of_file,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.columns.mean = node.as_choice(kDuplicates) == 1; },
     .write = [](const Config& config) { return kDuplicates[config.cost.columns.mean ? 1 : 0]; }},
    {.name = "command", .use = use_of_command, .read = read_command, .write = write_command},
    {.name = "folder",
     .use = use_of_command_settings,
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.cost.command.folder = path_in(node, reading.folder); },
     .write =
         [](const Config& config) { return yaml_scalar(config.cost.command.folder.string()); }},
    {.name = "timeout_s",
     .use = use_of_command,
     .read =
         [](const YamlNode& node, Reading&, Config& config) {
           config.cost.command.timeout_s = node.as_double(0);
           if (config.cost.command.timeout_s == 0) {
             throw node.error("found 0, allowed a number above 0");
           }
         },
     .write = [](const Config& config) { return format_number(config.cost.command.timeout_s); }},
    {.name = "retries",
     .use = use_of_command_settings,
     .read =
         [](const YamlNode& node, Reading&, Config& config) {
           config.cost.command.retries = static_cast<int>(node.as_int(0, kMostRetries));
         },
     .write = [](const Config& config) { return std::to_string(config.cost.command.retries); }},
    {.name = "technology",
     .use = use_of_technology,
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.cost.technology = name_or_path(node, reading.folder); },
     .write = [](const Config& config) { return yaml_scalar(config.cost.technology); }},
    {.name = "correction",
     .use = use_of_correction,
     .read = [](const YamlNode& node, Reading& reading,
                Config& config) { config.cost.correction = path_in(node, reading.folder); },
     .write = [](const Config& config) { return text_or_none(config.cost.correction); }},
    {.name = "service",  // no effect on results
     .use = use_of_simulation,
     .read =
         [](const YamlNode& node, Reading&, Config& config) {
           config.service = node.as_string();
           if (!is_service(config.service)) throw node.error(service_refusal(config.service));
         }},
    {.name = "predicted_limits",
     .use =
         [](const Config& config) {
           return config.cost.model->surrogate
                      ? KeyUse{false, "has no effect: the search is on predictions"}
                      : use_of_simulation(config);
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
           return KeyUse{config.cost.model->predictions_are_final(), use.refused};
         },
     .keys = surrogate_keys(),
     .in_one_line = true},
    {.name = "resimulate",
     .use = use_of_resimulation,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.resimulate = node.as_int(1, kMaxEvaluations); },
     .write = [](const Config& config) { return std::to_string(config.cost.resimulate); }},
    {.name = "rounds",
     .use = use_of_resimulation,
     .read = read_rounds,
     .write = [](const Config& config) { return std::to_string(config.cost.rounds); }},
    {.name = "explore_share",
     .use = use_of_explored,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.explore_share = node.as_double(0, 1); },
     .write = [](const Config& config) { return format_number(config.cost.explore_share); }},
    {.name = "stop_gain_percent",
     .use = use_of_explored,
     .read = [](const YamlNode& node, Reading&,
                Config& config) { config.cost.stop_gain_percent = node.as_double(0, 100); },
     .write = [](const Config& config) { return format_number(config.cost.stop_gain_percent); }},
};

}  // namespace

const std::vector<StudyKey>& cost_keys() {
  return kCost;
}

const CostModelInfo& named_cost_model(const YamlNode& study) {
  const CostModelInfo& simulation = find_cost_model("simulation");
  YamlMap map = study.map();
  const auto cost = map.optional("cost");
  if (!cost || !cost->is_map()) return simulation;
  YamlMap settings = cost->map();
  const auto name = settings.optional("model");
  if (!name || !name->is_scalar()) return simulation;
  for (const CostModelInfo& model : cost_models()) {
    if (model.name == name->as_string()) return model;
  }
  return simulation;
}

}  // namespace dovetail
