#include "nas/objective/metrics.h"

#include <array>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "base/text/names.h"
#include "base/text/text.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

const std::array<std::pair<TrialStatus, std::string>, 4> kStatusNames{{
    {TrialStatus::kOk, "ok"},
    {TrialStatus::kInfeasible, "infeasible"},
    {TrialStatus::kFailed, "failed"},
    {TrialStatus::kRefused, "refused"},
}};

const std::array<MetricInfo, 7> kMetrics{{
    {"top1_percent", "top-1", "%", "top-1 accuracy that the accuracy source gives", true, true,
     [](const Metrics& m) { return m.top1_percent; }},
    {"latency_ms", "latency", "ms", "time of one inference, batch 1", false, true,
     [](const Metrics& m) { return m.latency_ms; }},
    {"area_mm2", "area", "mm2", "silicon area of the accelerator", false, true,
     [](const Metrics& m) { return m.area_mm2; }},
    {"energy_mj", "energy", "mJ", "energy of one inference, memory outside included", false, true,
     [](const Metrics& m) { return m.energy_mj; }},
    {"power_mw", "average power", "mW", "average power of an inference, memory outside included",
     false, true, [](const Metrics& m) { return average_power_mw(m.energy_mj, m.latency_ms); }},
    {"edp_mj_ms", "energy-delay product", "mJ ms", "energy-delay product of an inference", false,
     true, [](const Metrics& m) { return energy_delay_product(m.energy_mj, m.latency_ms); }},
    {"peak_local_memory_kib", "peak local memory", "KiB", "most local memory in use in a PE", false,
     false, [](const Metrics& m) { return m.peak_local_memory_kib; }},
}};

}  // namespace

std::string to_string(TrialStatus status) {
  return name_in(kStatusNames, status);
}

TrialStatus trial_status(const std::string& name) {
  return value_in(kStatusNames, name, "trial status");
}

TrialStatus trial_status(AccuracyStatus status) {
  switch (status) {
    case AccuracyStatus::kOk:
      return TrialStatus::kOk;
    case AccuracyStatus::kRefused:
      return TrialStatus::kRefused;
    case AccuracyStatus::kFailed:
      break;
  }
  return TrialStatus::kFailed;
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
