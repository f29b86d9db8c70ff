#include "nas/study/study_reward_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

using Config = StudyConfig;
using Reading = StudyReading;

/// The one-kind form of a reward.
bool one_kind(const Config& config) {
  return !config.reward || config.reward->kind != nullptr;
}

KeyUse use_of_one_kind(const Config& config) {
  if (!one_kind(config)) return {false, "each of the 'terms' has its own"};
  return {true, ""};
}

KeyUse use_of_weights(const Config& config) {
  return {false, use_of_one_kind(config).refused};
}

void read_kind(const YamlNode& node, Reading&, Config& config) {
  require_accuracy_of_reward(config, node);
  config.reward = {&read_reward_kind(node), {}};
}

void read_targets_of_kind(const YamlNode& node, Reading&, Config& config) {
  const RewardKind* kind = config.reward->kind;
  for (const MetricValue& target : read_targets(node)) {
    require_metric_of(config, *target.metric, node);
    config.reward->terms.push_back({target, kind, kind->default_weight});
  }
}

void read_weights_of_kind(const YamlNode& node, Reading&, Config& config) {
  std::map<std::string, double> weights;
  for (const RewardTermSettings& term : config.reward->terms) {
    weights[term.target.metric->key] = term.weight;
  }
  read_weights(node, weights);
  for (RewardTermSettings& term : config.reward->terms) {
    term.weight = weights.at(term.target.metric->key);
  }
}

std::string write_targets(const Config& config) {
  std::vector<MetricValue> targets;
  for (const RewardTermSettings& term : config.reward->terms) targets.push_back(term.target);
  return metric_values_yaml(targets);
}

std::string write_weights(const Config& config) {
  std::map<std::string, double> weights;
  for (const RewardTermSettings& term : config.reward->terms) {
    weights[term.target.metric->key] = term.weight;
  }
  return weights_yaml(weights);
}

RewardTermSettings read_term(const YamlNode& node) {
  YamlMap map = map_with(node, {"metric", "target", "kind", "weight"});
  RewardTermSettings term;
  term.target = read_target(map.required("metric"), map.required("target"));
  term.kind = &read_reward_kind(map.required("kind"));
  term.weight = term.kind->default_weight;
  if (const auto weight = map.optional("weight")) term.weight = weight->as_double(-1e6, 0);
  return term;
}

void read_terms(const YamlNode& node, Reading&, Config& config) {
  require_accuracy_of_reward(config, node);
  RewardSettings reward;
  for (const YamlNode& item : node.items()) {
    const RewardTermSettings term = read_term(item);
    require_metric_of(config, *term.target.metric, item);
    const bool twice = std::any_of(reward.terms.begin(), reward.terms.end(), [&](const auto& one) {
      return one.target.metric == term.target.metric;
    });
    if (twice) throw item.error("found a second term of '" + term.target.metric->key + "'");
    reward.terms.push_back(term);
  }
  if (reward.terms.empty()) throw node.error("found no term, allowed at least one");
  config.reward = reward;
}

std::string write_terms(const Config& config) {
  if (one_kind(config)) return "";
  std::string lines = "\n";
  for (const RewardTermSettings& term : config.reward->terms) {
    lines +=
        fmt::format("- {{metric: {}, target: {}, kind: {}, weight: {}}}\n", term.target.metric->key,
                    term.target.value ? format_number(*term.target.value) : "baseline",
                    term.kind->name, format_number(term.weight));
  }
  return lines;
}

}  // namespace

const std::vector<StudyKey>& reward_keys() {
  static const std::vector<StudyKey> kKeys{
      {.name = "terms", .read = read_terms, .write = write_terms},
      {.name = "kind",
       .use = use_of_one_kind,
       .read = read_kind,
       .write = [](const Config& config) { return config.reward->kind->name; }},
      {.name = "targets",
       .use = use_of_one_kind,
       .read = read_targets_of_kind,
       .write = write_targets},
      {.name = "weights",
       .use = use_of_weights,
       .read = read_weights_of_kind,
       .write = write_weights},
  };
  return kKeys;
}

const RewardKind& read_reward_kind(const YamlNode& node) {
  return found(node,
               [](const std::string& name) -> const RewardKind& { return find_reward_kind(name); });
}

}  // namespace dovetail
