#include "nas/study/study_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "models/accuracy/accuracy_sources.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kScopes{"joint", "network", "hardware", "phase"};
constexpr std::size_t kPhaseScope = 3;
const std::vector<std::string> kComparisons{"none", "fixed_hardware"};

constexpr std::int64_t kMaxEvaluations = 1'000'000'000;
constexpr std::int64_t kDefaultResimulate = 300;
constexpr std::int64_t kDefaultEpochs = 30;
constexpr double kDefaultExploreShare = 0.2;
constexpr double kDefaultStopGainPercent = 0.2;

std::vector<std::string> cost_model_names() {
  std::vector<std::string> names;
  for (const CostModelInfo& model : cost_models()) names.push_back(model.name);
  return names;
}

const Figure& read_metric(const YamlNode& node) {
  return found(node, [](const std::string& key) -> const Figure& { return find_metric(key); });
}

/// The metric that a key of a map names.
const Figure& metric_of_key(const std::string& key, const YamlNode& value) {
  try {
    return find_metric(key);
  } catch (const InputError& e) {
    throw value.error(e.what());
  }
}

double positive(const YamlNode& node) {
  const double value = node.as_double(0);
  if (value == 0) throw node.error("found 0, allowed a number above 0");
  return value;
}

/// A map from metrics to numbers, where an area may be "baseline".
std::vector<MetricValue> read_metric_values(const YamlNode& node) {
  std::vector<MetricValue> values;
  YamlMap map = node.map();
  for (const auto& [key, value] : map.entries()) {
    MetricValue entry{&metric_of_key(key, value), std::nullopt};
    const bool baseline = value.is_scalar() && value.as_string() == "baseline";
    if (baseline && key != "area_mm2") {
      throw value.error("found 'baseline', allowed a number above 0");
    }
    if (!baseline) entry.value = positive(value);
    values.push_back(entry);
  }
  if (values.empty()) throw node.error("found no metric, allowed at least one");
  return values;
}

/// `fixed_too`: the network is searched, and one that it starts from is fixed too.
NetworkSettings read_network(const YamlNode& node, const fs::path& folder, Scope scope,
                             bool fixed_too) {
  NetworkSettings settings;
  YamlMap map = map_with(node, {"space", "fixed"});
  if (const auto space = map.optional("space")) settings.space = name_or_path(*space, folder);
  const auto fixed = map.optional("fixed");
  if (scope != Scope::kHardware) {
    if (settings.space.empty()) map.required("space");
    if (fixed && !fixed_too) {
      throw fixed->error("scope '" + to_string(scope) + "' searches the network");
    }
    if (!fixed_too) return settings;
  }
  if (!fixed) map.required("fixed");
  if (settings.space.empty()) {
    settings.fixed = name_or_path(*fixed, folder);
    return settings;
  }
  YamlMap choices = fixed->map();
  for (const auto& [decision, choice] : choices.entries()) {
    settings.fixed_choices[decision] = choice.as_string();
  }
  return settings;
}

/// A weight for each target, by metric.
std::map<std::string, double> default_weights(const RewardKind& kind,
                                              const std::vector<MetricValue>& targets) {
  std::map<std::string, double> weights;
  for (const MetricValue& target : targets) weights[target.metric->key] = kind.default_weight;
  return weights;
}

/// Those that the file gives instead.
void read_weights(const std::optional<YamlNode>& node, std::map<std::string, double>& weights) {
  if (!node) return;
  std::vector<std::string> keys;
  for (const auto& [metric, weight] : weights) keys.push_back(metric);
  YamlMap by_metric = map_with(*node, keys);
  for (auto& [metric, weight] : weights) {
    if (const auto value = by_metric.optional(metric)) weight = value->as_double(-1e6, 0);
  }
}

std::string weights_to_yaml(const std::map<std::string, double>& weights) {
  std::vector<std::string> parts;
  for (const auto& [metric, weight] : weights) {
    parts.push_back(metric + ": " + format_number(weight));
  }
  return "{" + join(parts) + "}";
}

/// Scope `phase` needs one number to say which hardware is the best.
PhaseSettings read_phase(const std::optional<YamlNode>& node, const StudyConfig& config) {
  PhaseSettings settings{config.evaluations / 2, &find_reward_kind("nahas_soft"), {}};
  if (!node) {
    settings.weights = default_weights(*settings.hardware_reward, config.reward->targets);
    return settings;
  }
  YamlMap map = map_with(*node, {"hardware_evaluations", "hardware_reward", "hardware_weights"});
  if (const auto count = map.optional("hardware_evaluations")) {
    settings.hardware_evaluations =
        count->as_int(1, std::max<std::int64_t>(1, config.evaluations - 1));
  }
  if (const auto kind = map.optional("hardware_reward")) {
    settings.hardware_reward = &found(
        *kind, [](const std::string& name) -> const RewardKind& { return find_reward_kind(name); });
  }
  settings.weights = default_weights(*settings.hardware_reward, config.reward->targets);
  read_weights(map.optional("hardware_weights"), settings.weights);
  return settings;
}

HardwareSettings read_hardware(const YamlNode& node, const fs::path& folder, Scope scope) {
  HardwareSettings settings;
  YamlMap map = map_with(node, {"space", "baseline"});
  if (const auto space = map.optional("space")) settings.space = name_or_path(*space, folder);
  if (const auto baseline = map.optional("baseline")) {
    settings.baseline = name_or_path(*baseline, folder);
  }
  if (settings.space.empty()) map.required(scope == Scope::kNetwork ? "baseline" : "space");
  return settings;
}

SurrogateSettings read_surrogate(const YamlNode& node, const fs::path& folder) {
  SurrogateSettings settings;
  YamlMap map = map_with(node, {"file", "labels", "seed", "epochs"});
  if (const auto file = map.optional("file")) {
    settings.file = path_in(*file, folder);
    refuse_keys(map, {"labels", "seed", "epochs"}, "the surrogate in 'file' is trained already");
  } else {
    settings.labels = map.required("labels").as_int(100, kMaxEvaluations);
    settings.epochs = kDefaultEpochs;
    if (const auto seed = map.optional("seed")) {
      settings.seed = static_cast<std::uint64_t>(seed->as_int(0));
    }
    if (const auto epochs = map.optional("epochs")) settings.epochs = epochs->as_int(1, 100'000);
  }
  return settings;
}

void read_rounds(YamlMap& map, CostSettings& settings) {
  if (const auto rounds = map.optional("rounds")) settings.rounds = rounds->as_int(1, 1000);
  if (settings.rounds == 1) {
    refuse_keys(map, {"explore_share", "stop_gain_percent"}, "it needs 'rounds' above 1");
    return;
  }
  settings.explore_share = kDefaultExploreShare;
  settings.stop_gain_percent = kDefaultStopGainPercent;
  if (const auto share = map.optional("explore_share")) {
    settings.explore_share = share->as_double(0, 1);
  }
  if (const auto gain = map.optional("stop_gain_percent")) {
    settings.stop_gain_percent = gain->as_double(0, 100);
  }
}

CostSettings read_cost(const YamlNode& node, const fs::path& folder) {
  CostSettings settings;
  const std::vector<std::string> of_surrogate{"surrogate", "resimulate", "rounds", "explore_share",
                                              "stop_gain_percent"};
  std::vector<std::string> keys{"model", "technology"};
  keys.insert(keys.end(), of_surrogate.begin(), of_surrogate.end());
  YamlMap map = map_with(node, keys);
  settings.model = &cost_models()[map.required("model").as_choice(cost_model_names())];
  if (const auto technology = map.optional("technology")) {
    settings.technology = name_or_path(*technology, folder);
  }
  if (settings.model->predicts) {
    settings.surrogate = read_surrogate(map.required("surrogate"), folder);
    settings.resimulate = kDefaultResimulate;
    if (const auto count = map.optional("resimulate")) {
      settings.resimulate = count->as_int(1, kMaxEvaluations);
    }
    read_rounds(map, settings);
    if (settings.rounds > 1 && !settings.surrogate.file.empty()) {
      throw map.required("rounds").error(
          "rounds refit the surrogate: they need 'surrogate.labels' instead of a trained 'file'");
    }
  } else {
    refuse_keys(map, of_surrogate, "model 'simulation' does not use it");
  }
  return settings;
}

RewardSettings read_reward(const YamlNode& node) {
  RewardSettings settings;
  YamlMap map = map_with(node, {"kind", "targets", "weights"});
  settings.kind = &found(map.required("kind"), [](const std::string& name) -> const RewardKind& {
    return find_reward_kind(name);
  });
  const YamlNode targets = map.required("targets");
  settings.targets = read_metric_values(targets);
  for (const MetricValue& target : settings.targets) {
    if (target.metric->maximise) {
      throw targets.error("'" + target.metric->key + "' is no cost; a reward has it already");
    }
  }
  settings.weights = default_weights(*settings.kind, settings.targets);
  read_weights(map.optional("weights"), settings.weights);
  return settings;
}

void read_objective(const YamlNode& node, StudyConfig& config) {
  YamlMap map = map_with(node, {"pareto", "reference", "reward"});
  const YamlNode pareto = map.required("pareto");
  for (const YamlNode& item : pareto.items()) {
    const Figure& metric = read_metric(item);
    for (const Figure* before : config.pareto) {
      if (before == &metric) throw item.error("found '" + metric.key + "' twice");
    }
    config.pareto.push_back(&metric);
  }
  if (config.pareto.empty()) throw pareto.error("found no metric, allowed at least one");
  std::vector<std::string> keys;
  for (const Figure* metric : config.pareto) keys.push_back(metric->key);
  YamlMap reference = map_with(map.required("reference"), keys);
  for (const Figure* metric : config.pareto) {
    config.reference.push_back(reference.required(metric->key).as_double());
  }
  if (const auto reward = map.optional("reward")) config.reward = read_reward(*reward);
}

void read_strategy(const YamlNode& node, StudyConfig& config) {
  YamlMap map = node.map();
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

/// Metrics that the cost model never gives are of no use to a study.
void require_known_metrics(const StudyConfig& config, const YamlNode& cost) {
  if (!config.cost.model->predicts) return;
  std::vector<const Figure*> used = config.pareto;
  for (const MetricValue& constraint : config.constraints) used.push_back(constraint.metric);
  if (config.reward) {
    for (const MetricValue& target : config.reward->targets) used.push_back(target.metric);
  }
  for (const Figure* metric : used) {
    if (metric->predicted) continue;
    throw cost.error("model '" + config.cost.model->name + "' does not predict '" + metric->key +
                     "'; allowed with it: simulation");
  }
}

std::vector<std::uint64_t> read_seeds(const YamlNode& node) {
  std::vector<std::uint64_t> seeds;
  for (const YamlNode& item : node.items()) {
    const auto seed = static_cast<std::uint64_t>(item.as_int(0));
    for (const std::uint64_t before : seeds) {
      if (before == seed) throw item.error(fmt::format("found seed {} twice", seed));
    }
    seeds.push_back(seed);
  }
  if (seeds.empty()) throw node.error("found no seed, allowed at least one");
  return seeds;
}

std::string to_yaml(const std::vector<MetricValue>& values) {
  std::vector<std::string> parts;
  for (const MetricValue& entry : values) {
    parts.push_back(entry.metric->key + ": " +
                    (entry.value ? format_number(*entry.value) : "baseline"));
  }
  return "{" + join(parts) + "}";
}

std::string to_yaml(const SurrogateSettings& surrogate) {
  if (!surrogate.file.empty()) return "{file: " + yaml_scalar(surrogate.file) + "}";
  return fmt::format("{{labels: {}, seed: {}, epochs: {}}}", surrogate.labels, surrogate.seed,
                     surrogate.epochs);
}

std::string objective_to_yaml(const StudyConfig& config) {
  std::vector<std::string> metrics, reference;
  for (std::size_t k = 0; k < config.pareto.size(); ++k) {
    metrics.push_back(config.pareto[k]->key);
    reference.push_back(config.pareto[k]->key + ": " + format_number(config.reference[k]));
  }
  std::string text = "objective:\n";
  text += "  pareto: [" + join(metrics) + "]\n";
  text += "  reference: {" + join(reference) + "}\n";
  if (config.reward) {
    text += "  reward:\n    kind: " + config.reward->kind->name + "\n";
    text += "    targets: " + to_yaml(config.reward->targets) + "\n";
    text += "    weights: " + weights_to_yaml(config.reward->weights) + "\n";
  }
  if (!config.constraints.empty()) text += "constraints: " + to_yaml(config.constraints) + "\n";
  return text;
}

std::string sides_to_yaml(const StudyConfig& config) {
  std::string text = "network:\n";
  if (!config.network.space.empty()) {
    text += "  space: " + yaml_scalar(config.network.space) + "\n";
  }
  if (!config.network.fixed.empty()) {
    text += "  fixed: " + yaml_scalar(config.network.fixed) + "\n";
  }
  if (!config.network.fixed_choices.empty()) {
    text += "  fixed:\n";
    for (const auto& [decision, choice] : config.network.fixed_choices) {
      text += "    " + yaml_scalar(decision) + ": " + yaml_scalar(choice) + "\n";
    }
  }
  text += "hardware:\n";
  if (!config.hardware.space.empty()) {
    text += "  space: " + yaml_scalar(config.hardware.space) + "\n";
  }
  if (!config.hardware.baseline.empty()) {
    text += "  baseline: " + yaml_scalar(config.hardware.baseline) + "\n";
  }
  return text;
}

}  // namespace

StudyConfig StudyConfig::from_yaml(const YamlNode& node, const fs::path& folder) {
  StudyConfig config;
  YamlMap map =
      map_with(node, {"schema", "name", "scope", "phase", "network", "hardware", "accuracy", "cost",
                      "objective", "constraints", "strategy", "evaluations", "batch", "seeds",
                      "comparison", "workers", "output"});
  map.require_schema("dovetail.study/1");
  const YamlNode name = map.required("name");
  config.name = name.as_string();
  if (config.name.empty() || config.name.find('/') != std::string::npos) {
    throw name.error("found '" + config.name + "', allowed a name without '/'");
  }
  const auto scope = map.optional("scope");
  const std::size_t scope_choice = scope ? scope->as_choice(kScopes) : 0;
  const bool in_phases = scope_choice == kPhaseScope;
  if (!in_phases) config.scope = static_cast<Scope>(scope_choice);
  config.network = read_network(map.required("network"), folder, config.scope, in_phases);
  config.hardware = read_hardware(map.required("hardware"), folder, config.scope);
  config.accuracy = read_accuracy_settings(map.required("accuracy"), folder);
  const YamlNode cost = map.required("cost");
  config.cost = read_cost(cost, folder);
  read_objective(map.required("objective"), config);
  if (const auto constraints = map.optional("constraints"))
    config.constraints = read_metric_values(*constraints);
  require_known_metrics(config, cost);
  read_strategy(map.required("strategy"), config);
  config.evaluations = map.required("evaluations").as_int(1, kMaxEvaluations);
  if (in_phases) {
    if (!config.reward) {
      throw scope->error(
          "scope 'phase' goes on with the best hardware: objective.reward is missing");
    }
    config.phase = read_phase(map.optional("phase"), config);
  } else {
    refuse_keys(map, {"phase"}, "only scope 'phase' uses it");
  }
  if (const auto batch = map.optional("batch")) config.batch = batch->as_int(1, kMaxEvaluations);
  config.seeds = read_seeds(map.required("seeds"));
  if (const auto comparison = map.optional("comparison")) {
    config.compare_with_fixed_hardware = comparison->as_choice(kComparisons) == 1;
    if (config.compare_with_fixed_hardware && (config.scope != Scope::kJoint || in_phases)) {
      throw comparison->error("found 'fixed_hardware', which needs scope 'joint'");
    }
  }
  if (const auto workers = map.optional("workers"))
    config.workers = static_cast<int>(workers->as_int(0, 4096));
  if (const auto output = map.optional("output")) config.output = output->as_string();
  return config;
}

StudyConfig StudyConfig::load(const fs::path& file) {
  return from_yaml(YamlNode::load(file), file.parent_path());
}

std::string StudyConfig::to_yaml() const {
  std::string text = "schema: dovetail.study/1\n";
  text += "name: " + yaml_scalar(name) + "\n";
  text += "scope: " + (phase ? kScopes[kPhaseScope] : to_string(scope)) + "\n";
  if (phase) {
    text += fmt::format(
        "phase: {{hardware_evaluations: {}, hardware_reward: {}, hardware_weights: {}}}\n",
        phase->hardware_evaluations, phase->hardware_reward->name, weights_to_yaml(phase->weights));
  }
  text += sides_to_yaml(*this);
  text += "accuracy:\n" + accuracy_yaml(accuracy);
  text += "cost:\n  model: " + cost.model->name + "\n";
  text += "  technology: " + yaml_scalar(cost.technology) + "\n";
  if (cost.model->predicts) {
    text += "  surrogate: " + dovetail::to_yaml(cost.surrogate) + "\n";
    text += fmt::format("  resimulate: {}\n", cost.resimulate);
    text += fmt::format("  rounds: {}\n", cost.rounds);
    if (cost.rounds > 1) {
      text += "  explore_share: " + format_number(cost.explore_share) + "\n";
      text += "  stop_gain_percent: " + format_number(cost.stop_gain_percent) + "\n";
    }
  }
  text += objective_to_yaml(*this);
  text += "strategy:\n  name: " + strategy + "\n";
  for (const auto& [parameter, value] : strategy_parameters) {
    text += "  " + parameter + ": " + format_number(value) + "\n";
  }
  text += fmt::format("evaluations: {}\n", evaluations);
  if (batch > 0) text += fmt::format("batch: {}\n", batch);
  std::vector<std::string> seed_texts;
  for (const std::uint64_t seed : seeds) seed_texts.push_back(std::to_string(seed));
  text += "seeds: [" + join(seed_texts) + "]\n";
  text += "comparison: " + kComparisons[compare_with_fixed_hardware ? 1 : 0] + "\n";
  return text;
}

}  // namespace dovetail
