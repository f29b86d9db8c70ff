#pragma once

#include <map>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

// Values of a study file that name metrics. Readers throw InputError with the place in the file.

/// A list of metrics, each once.
std::vector<const Figure*> read_metrics(const YamlNode& node);
/// Throws an error at the node if the study cannot know the metric: it has no source of accuracy,
/// or not the networks and accelerators that the metric is of.
void require_metric_of(const StudyConfig& config, const Figure& metric, const YamlNode& node);
/// Throws an error if there is no accuracy for a reward, which multiplies accuracy, unless all
/// candidates have the same network.
void require_accuracy_of_reward(const StudyConfig& config, const YamlNode& node);

/// A map from metrics to numbers above 0, where an area may be "baseline".
std::vector<MetricValue> read_metric_values(const YamlNode& node);
/// The same of metrics that are costs.
std::vector<MetricValue> read_targets(const YamlNode& node);
/// One of them whose metric and number stand apart.
MetricValue read_target(const YamlNode& metric, const YamlNode& value);
std::string metric_values_yaml(const std::vector<MetricValue>& values);

/// Weights by metric: those that the file gives instead.
void read_weights(const YamlNode& node, std::map<std::string, double>& weights);
std::string weights_yaml(const std::map<std::string, double>& weights);

/// Throws InputError at `surrogate_model`, which predicts no energy, if the study uses a metric
/// that needs one.
void require_latency_alone(const StudyConfig& config, const YamlNode& surrogate_model);

/// Throws InputError at `cost_model` if the study uses a metric that its cost model never gives.
void require_predicted_metrics(const StudyConfig& config, const YamlNode& cost_model);

/// The value of a key that is a name or a path, and may be left out.
std::string text_or_none(const std::string& text);

}  // namespace dovetail
