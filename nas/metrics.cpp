#include "nas/metrics.h"

#include <array>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace dovetail {
namespace {

const std::array<std::pair<TrialStatus, std::string>, 4> kStatusNames{{
    {TrialStatus::kOk, "ok"},
    {TrialStatus::kInfeasible, "infeasible"},
    {TrialStatus::kFailed, "failed"},
    {TrialStatus::kRefused, "refused"},
}};

const std::array<MetricInfo, 3> kMetrics{{
    {"top1_percent", "%", "top-1 accuracy that the accuracy source gives", true,
     [](const Metrics& m) { return m.top1_percent; }},
    {"latency_ms", "ms", "time of one inference, batch 1", false,
     [](const Metrics& m) { return m.latency_ms; }},
    {"area_mm2", "mm2", "silicon area of the accelerator", false,
     [](const Metrics& m) { return m.area_mm2; }},
}};

}  // namespace

std::string to_string(TrialStatus status) {
  for (const auto& [value, name] : kStatusNames) {
    if (value == status) return name;
  }
  return "unknown";
}

TrialStatus trial_status(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [value, known_name] : kStatusNames) {
    if (known_name == name) return value;
    known.push_back(known_name);
  }
  throw InputError(unknown_name("trial status", name, known));
}

Evaluation Evaluation::without_figures(TrialStatus status, std::string reason, bool simulated) {
  Evaluation evaluation;
  evaluation.status = status;
  evaluation.reason = std::move(reason);
  evaluation.simulated = simulated;
  return evaluation;
}

std::span<const MetricInfo> metric_table() {
  return kMetrics;
}

const MetricInfo& find_metric(const std::string& key) {
  std::vector<std::string> known;
  for (const MetricInfo& metric : kMetrics) {
    if (metric.key == key) return metric;
    known.push_back(metric.key);
  }
  throw InputError(unknown_name("metric", key, known));
}

}  // namespace dovetail
