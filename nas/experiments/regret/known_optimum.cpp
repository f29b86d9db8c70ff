#include "nas/experiments/regret/known_optimum.h"

#include <nlohmann/json.hpp>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kSchema = "dovetail.known_optimum/2";

json bounds_to_json(const std::vector<MetricBound>& bounds) {
  json node = json::object();
  for (const MetricBound& bound : bounds) node[bound.metric] = bound.value;
  return node;
}

std::vector<MetricBound> bounds_from_json(const json& node) {
  std::vector<MetricBound> bounds;
  for (const auto& [metric, value] : node.items()) bounds.push_back({metric, value});
  return bounds;
}

json settings_to_json(const RegretSettings& settings) {
  return {{"front", bounds_to_json(settings.front)},
          {"limits", bounds_to_json(settings.limits)},
          {"reward", settings.reward},
          {"target_latency_ms", settings.target_latency_ms}};
}

RegretSettings settings_from_json(const json& node) {
  RegretSettings settings;
  settings.front = bounds_from_json(node.at("front"));
  settings.limits = bounds_from_json(node.at("limits"));
  settings.reward = node.at("reward");
  settings.target_latency_ms = node.at("target_latency_ms");
  settings.require_sound();
  return settings;
}

}  // namespace

std::string KnownOptimum::to_json() const {
  json pairs = json::array();
  for (const OptimumPair& pair : front) {
    pairs.push_back({{"network", pair.network},
                     {"accelerator", pair.accelerator},
                     {"top1_percent", pair.top1_percent},
                     {"latency_ms", pair.latency_ms}});
  }
  const json node = {{"schema", kSchema},
                     {"network_space", json::parse(network_space)},
                     {"hardware_space", json::parse(hardware_space)},
                     {"technology", technology},
                     {"simulator", simulator},
                     {"settings", settings_to_json(settings)},
                     {"networks", networks},
                     {"accelerators", accelerators},
                     {"feasible_pairs", feasible_pairs},
                     {"acceptable_pairs", acceptable_pairs},
                     {"best_hypervolume", best_hypervolume},
                     {"best_reward", best_reward},
                     {"front", pairs}};
  return node.dump(1) + "\n";
}

KnownOptimum KnownOptimum::load(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  try {
    const json node = json::parse(text);
    if (node.at("schema") != kSchema) {
      throw InputError("found schema " + node.at("schema").dump() + ", allowed " + kSchema);
    }
    KnownOptimum optimum;
    optimum.network_space = node.at("network_space").dump();
    optimum.hardware_space = node.at("hardware_space").dump();
    optimum.technology = node.at("technology");
    optimum.simulator = node.at("simulator");
    optimum.settings = settings_from_json(node.at("settings"));
    optimum.networks = node.at("networks");
    optimum.accelerators = node.at("accelerators");
    optimum.feasible_pairs = node.at("feasible_pairs");
    optimum.acceptable_pairs = node.at("acceptable_pairs");
    optimum.best_hypervolume = node.at("best_hypervolume");
    optimum.best_reward = node.at("best_reward");
    for (const json& pair : node.at("front")) {
      optimum.front.push_back({pair.at("network"), pair.at("accelerator"), pair.at("top1_percent"),
                               pair.at("latency_ms")});
    }
    if (optimum.front.empty()) throw InputError("'front' is empty");
    return optimum;
  } catch (const std::exception& e) {
    throw InputError(file.string() + ": " + json_fault(e));
  }
}

}  // namespace dovetail
