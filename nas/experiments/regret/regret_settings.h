#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// A number for a metric, by the metric's key.
struct MetricBound {
  std::string metric;
  double value = 0;
  bool operator==(const MetricBound&) const = default;
};

/// What is searched for among all pairs. The metrics are those that a table of all pairs gives:
/// top1_percent, latency_ms, area_mm2, energy_mj, power_mw.
struct RegretSettings {
  std::vector<MetricBound> front{{"top1_percent", 88}, {"latency_ms", 0.5}};  // with the reference
  std::vector<MetricBound> limits{{"area_mm2", 10}};                          // constraints
  std::string reward = "nahas_hard";
  double target_latency_ms = 0.2;  // of the reward
  bool area_known = false;  // strategies may ask for the area before they ask for a candidate

  /// Whether the front, a limit or the reward is of this metric.
  bool uses(const std::string& metric) const;
  bool has_in_front(const std::string& metric) const;
  /// Throws InputError for a metric that the table does not give, that is named twice, or a value
  /// that is not above 0, and for an unknown kind of reward.
  void require_sound() const;
  /// "area_mm2 <= 20, latency_ms <= 0.5"; "nothing" if there is none.
  std::string limits_text() const;
  std::string front_text() const;
};

}  // namespace dovetail
