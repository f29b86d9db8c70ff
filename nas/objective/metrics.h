#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cost/figures/costs.h"
#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

/// What became of a candidate. Only kOk has figures; the others have a reason instead.
enum class TrialStatus {
  kOk,
  kInfeasible,  // the network cannot run on the accelerator
  kFailed,      // evaluating it went wrong
  kRefused,     // the accuracy source cannot speak about the network
};
std::string to_string(TrialStatus status);
/// Throws InputError for a name that to_string() does not give.
TrialStatus trial_status(const std::string& name);
TrialStatus trial_status(AccuracyStatus status);

/// The figures of a candidate that could be evaluated.
struct Metrics {
  double top1_percent = 0;
  double latency_ms = 0;
  double area_mm2 = 0;
  std::int64_t cycles = 0;           // 0 where the latency is predicted
  double energy_mj = 0;              // of one inference, memory outside included
  double peak_local_memory_kib = 0;  // of one PE; 0 where the latency is predicted

  bool operator==(const Metrics&) const = default;
};

/// How long something took. Says nothing about what came out, so any two are equal.
struct WallTime {
  double seconds = 0;
  bool operator==(const WallTime&) const { return true; }
};

struct Evaluation {
  TrialStatus status = TrialStatus::kFailed;
  std::string reason;         // empty if ok; else a code or a sentence
  Metrics metrics;            // all 0 unless ok
  bool simulated = false;     // false: the latency was predicted
  bool extrapolated = false;  // the accuracy source was asked beyond what it was fitted on
  std::optional<PredictionSpread> spread;  // of costs that an ensemble predicted; in no file
  WallTime took;  // of accuracy and costs of this candidate; 0 if known before

  bool ok() const { return status == TrialStatus::kOk; }
  static Evaluation without_figures(TrialStatus status, std::string reason, bool simulated);
  bool operator==(const Evaluation&) const = default;
};

/// One row of the table of metrics that objectives, constraints and files name. Average power and
/// energy-delay product follow from energy and latency, so they are known wherever those are.
struct MetricInfo {
  std::string key;   // "latency_ms"
  std::string name;  // "latency"
  std::string unit;  // "ms"
  std::string meaning;
  bool maximise;
  bool predicted;  // also known of candidates that are not simulated
  double (*get)(const Metrics&);
};
std::span<const MetricInfo> metric_table();
/// Throws InputError naming the nearest known metric.
const MetricInfo& find_metric(const std::string& key);

}  // namespace dovetail
