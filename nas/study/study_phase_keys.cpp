#include "nas/study/study_phase_keys.h"

#include <algorithm>
#include <string>

#include "base/files/yaml_reading.h"
#include "nas/study/study_reward_keys.h"
#include "nas/study/study_values.h"

namespace dovetail {
namespace {

using Config = StudyConfig;
using Reading = StudyReading;

constexpr const char* kFastest = "fastest";
const std::vector<std::string> kFirst{"hardware", "network"};

KeyUse use_if_hardware_is_first(const Config& config) {
  return {false, config.phase->network_first ? "has no effect with 'first: network'" : ""};
}

KeyUse use_of_weights(const Config& config) {
  KeyUse use = use_if_hardware_is_first(config);
  if (use.refused.empty() && config.phase->hardware_reward == nullptr) {
    use.refused = "hardware_reward 'fastest' has no weights";
  }
  return use;
}

void read_hardware_reward(const YamlNode& node, Reading&, Config& config) {
  if (node.is_scalar() && node.as_string() == kFastest) return;
  const RewardKind& kind = read_reward_kind(node);
  config.phase->hardware_reward = &kind;
  for (const RewardTermSettings& term : config.reward->terms) {
    config.phase->weights[term.target.metric->key] = kind.default_weight;
  }
}

std::int64_t most_cycles(const Config& config) {
  const std::int64_t hardware = config.phase->hardware_evaluations;
  return std::min(hardware, config.evaluations - hardware);
}

bool has_latency_target(const Config& config) {
  const auto& terms = config.reward->terms;
  return std::any_of(terms.begin(), terms.end(), [](const RewardTermSettings& term) {
    return term.target.metric->key == "latency_ms";
  });
}

}  // namespace

const std::vector<StudyKey>& phase_keys() {
  static const std::vector<StudyKey> kKeys{
      {.name = "first",
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.phase->network_first = node.as_choice(kFirst) == 1; },
       .write = [](const Config& config) { return kFirst[config.phase->network_first ? 1 : 0]; }},
      {.name = "hardware_evaluations",
       .read =
           [](const YamlNode& node, Reading&, Config& config) {
             config.phase->hardware_evaluations =
                 node.as_int(1, std::max<std::int64_t>(1, config.evaluations - 1));
           },
       .write = [](const Config& c) { return std::to_string(c.phase->hardware_evaluations); }},
      {.name = "cycles",
       .use = use_if_hardware_is_first,
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { config.phase->cycles = node.as_int(1, most_cycles(config)); },
       .write = [](const Config& config) { return std::to_string(config.phase->cycles); }},
      {.name = "hardware_reward",
       .use = use_if_hardware_is_first,
       .read = read_hardware_reward,
       .write =
           [](const Config& config) {
             const RewardKind* kind = config.phase->hardware_reward;
             return kind == nullptr ? kFastest : kind->name;
           }},
      {.name = "hardware_weights",
       .use = use_of_weights,
       .read = [](const YamlNode& node, Reading&,
                  Config& config) { read_weights(node, config.phase->weights); },
       .write = [](const Config& config) { return weights_yaml(config.phase->weights); }},
  };
  return kKeys;
}

void begin_phases(const YamlNode& scope, StudyConfig& config) {
  if (!config.reward) {
    throw scope.error(
        "scope 'phase' goes on with the best of a phase: objective.reward is missing");
  }
  if (config.evaluations < 2) {
    throw scope.error("scope 'phase' has two parts: it needs at least 2 evaluations");
  }
  config.phase->hardware_evaluations = config.evaluations / 2;
}

void require_phases_fit(const YamlNode& network, const StudyConfig& config) {
  if (!config.phase) return;
  const bool given = !config.network.fixed_choices.empty();
  if (config.phase->network_first) {
    if (given) throw network.error("'fixed' has no effect: the first phase searches the network");
    return;
  }
  if (!given) {
    throw network.error(
        "'fixed' is missing: the first phase searches hardware for one network of the space");
  }
  if (config.phase->hardware_reward == nullptr && !has_latency_target(config)) {
    throw network.error(
        "phase.hardware_reward 'fastest' needs a target for latency_ms in objective.reward");
  }
}

}  // namespace dovetail
