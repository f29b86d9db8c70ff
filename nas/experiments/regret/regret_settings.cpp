#include "nas/experiments/regret/regret_settings.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/figures/figures.h"
#include "nas/objective/reward.h"

namespace dovetail {
namespace {

const std::array<std::string, 6> kMetrics{"top1_percent", "latency_ms", "area_mm2",
                                          "energy_mj",    "power_mw",   "peak_local_memory_kib"};

bool any_names(const std::vector<MetricBound>& bounds, const std::string& metric) {
  return std::any_of(bounds.begin(), bounds.end(),
                     [&](const MetricBound& bound) { return bound.metric == metric; });
}

void require_sound_bounds(const std::vector<MetricBound>& bounds) {
  std::set<std::string> seen;
  for (const MetricBound& bound : bounds) {
    if (std::find(kMetrics.begin(), kMetrics.end(), bound.metric) == kMetrics.end()) {
      throw InputError(unknown_name("metric", bound.metric, {kMetrics.begin(), kMetrics.end()}));
    }
    if (!seen.insert(bound.metric).second) throw InputError(bound.metric + ": found twice");
    if (!(bound.value > 0)) {
      throw InputError(bound.metric + ": found " + format_number(bound.value) +
                       ", allowed a number above 0");
    }
  }
}

}  // namespace

bool RegretSettings::has_in_front(const std::string& metric) const {
  return any_names(front, metric);
}

bool RegretSettings::uses(const std::string& metric) const {
  return any_names(front, metric) || any_names(limits, metric);
}

void RegretSettings::require_sound() const {
  if (front.empty()) throw InputError("a front needs a metric");
  require_sound_bounds(front);
  require_sound_bounds(limits);
  find_reward_kind(reward);
}

std::string RegretSettings::limits_text() const {
  std::vector<std::string> parts;
  for (const MetricBound& limit : limits) {
    parts.push_back(limit.metric + (find_metric(limit.metric).maximise ? " >= " : " <= ") +
                    format_number(limit.value));
  }
  return parts.empty() ? "nothing" : join(parts);
}

std::string RegretSettings::front_text() const {
  std::vector<std::string> parts;
  for (const MetricBound& objective : front) {
    parts.push_back(objective.metric + " " + format_number(objective.value));
  }
  return join(parts);
}

}  // namespace dovetail
