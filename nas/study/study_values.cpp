#include "nas/study/study_values.h"

#include <algorithm>
#include <optional>

#include "base/files/yaml_reading.h"
#include "base/text/text.h"
#include "cost/figures/set_figures.h"
#include "nas/study/study_metrics.h"

namespace dovetail {
namespace {

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

/// A number above 0 or, of an area, "baseline".
MetricValue value_of(const Figure& metric, const YamlNode& value) {
  const bool baseline = value.is_scalar() && value.as_string() == "baseline";
  if (!baseline) return {&metric, positive(value)};
  if (metric.key != "area_mm2") throw value.error("found 'baseline', allowed a number above 0");
  return {&metric, std::nullopt};
}

void require_cost(const Figure& metric, const YamlNode& node) {
  if (!metric.maximise) return;
  throw node.error("'" + metric.key + "' is no cost; a reward has it already");
}

}  // namespace

void require_metric_of(const StudyConfig& config, const Figure& metric, const YamlNode& node) {
  if (!config.accuracy.speaks() && metric.key == "top1_percent") {
    throw node.error("found 'top1_percent', which needs an accuracy source: 'accuracy' is missing");
  }
  if (!is_set_key(metric.key)) return;
  if (config.set.empty()) {
    throw node.error("found '" + metric.key +
                     "', which is of several networks or accelerators: 'networks' and 'targets' "
                     "are missing");
  }
  try {
    SetFigure::parse(metric.key, members_of(config.set));
  } catch (const InputError& e) {
    throw node.error(e.what());
  }
}

void require_accuracy_of_reward(const StudyConfig& config, const YamlNode& node) {
  if (config.accuracy.speaks() || config.scope == Scope::kHardware) return;
  throw node.error(
      "a reward weighs costs against accuracy: 'accuracy' is missing, which may be left out only "
      "with scope 'hardware'");
}

std::vector<const Figure*> read_metrics(const YamlNode& node) {
  std::vector<const Figure*> metrics;
  for (const YamlNode& item : node.items()) {
    const Figure& metric =
        found(item, [](const std::string& key) -> const Figure& { return find_metric(key); });
    if (std::find(metrics.begin(), metrics.end(), &metric) != metrics.end()) {
      throw item.error("found '" + metric.key + "' twice");
    }
    metrics.push_back(&metric);
  }
  if (metrics.empty()) throw node.error("found no metric, allowed at least one");
  return metrics;
}

std::vector<MetricValue> read_metric_values(const YamlNode& node) {
  std::vector<MetricValue> values;
  YamlMap map = node.map();
  for (const auto& [key, value] : map.entries()) {
    values.push_back(value_of(metric_of_key(key, value), value));
  }
  if (values.empty()) throw node.error("found no metric, allowed at least one");
  return values;
}

std::vector<MetricValue> read_targets(const YamlNode& node) {
  std::vector<MetricValue> targets = read_metric_values(node);
  for (const MetricValue& target : targets) require_cost(*target.metric, node);
  return targets;
}

MetricValue read_target(const YamlNode& metric, const YamlNode& value) {
  const Figure& figure =
      found(metric, [](const std::string& key) -> const Figure& { return find_metric(key); });
  require_cost(figure, metric);
  return value_of(figure, value);
}

std::string metric_values_yaml(const std::vector<MetricValue>& values) {
  std::vector<std::string> parts;
  for (const MetricValue& entry : values) {
    parts.push_back(entry.metric->key + ": " +
                    (entry.value ? format_number(*entry.value) : "baseline"));
  }
  return "{" + join(parts) + "}";
}

void read_weights(const YamlNode& node, std::map<std::string, double>& weights) {
  std::vector<std::string> keys;
  for (const auto& [metric, weight] : weights) keys.push_back(metric);
  YamlMap by_metric = map_with(node, keys);
  for (auto& [metric, weight] : weights) {
    if (const auto value = by_metric.optional(metric)) weight = value->as_double(-1e6, 0);
  }
}

std::string weights_yaml(const std::map<std::string, double>& weights) {
  std::vector<std::string> parts;
  for (const auto& [metric, weight] : weights) {
    parts.push_back(metric + ": " + format_number(weight));
  }
  return "{" + join(parts) + "}";
}

void require_latency_alone(const StudyConfig& config, const YamlNode& surrogate_model) {
  for (const Figure* metric : used_metrics(config)) {
    const std::string& key = metric->key;
    if (key == "top1_percent" || key == "latency_ms" || key == "area_mm2") continue;
    throw surrogate_model.error("'" + surrogate_model.as_string() +
                                "' predicts latency alone, and the study uses '" + key + "'");
  }
}

void require_predicted_metrics(const StudyConfig& config, const YamlNode& cost_model) {
  for (const Figure* metric : used_metrics(config)) {
    if (metric->predicted) continue;
    throw cost_model.error("'" + cost_model.as_string() + "' does not predict '" + metric->key +
                           "'; allowed with it: simulation");
  }
}

std::string text_or_none(const std::string& text) {
  return text.empty() ? "" : yaml_scalar(text);
}

}  // namespace dovetail
