#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "sim/program/infeasible.h"

namespace dovetail {

/// How far the members of an ensemble are apart: standard deviation of the logarithms of what they
/// predict, times 100.
struct PredictionSpread {
  double latency_percent = 0;
  double energy_percent = 0;

  bool operator==(const PredictionSpread&) const = default;
};

/// What a network costs on an accelerator, or why it cannot run there. One struct, whoever says it:
/// the simulator, a surrogate, a table. What is not known is NaN (cycles: -1); names, units and
/// meanings are in figures.h.
struct Costs {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  InfeasibleReason reason = InfeasibleReason::kNone;
  std::string reason_text;  // for people: layer, what is needed, what there is; empty if feasible
  double latency_ms = kUnknown;
  std::int64_t cycles = -1;
  double area_mm2 = kUnknown;   // the accelerator's, so also known where the network cannot run
  double energy_mj = kUnknown;  // of one inference, memory outside included
  double peak_local_memory_kib = kUnknown;  // of one PE
  std::optional<PredictionSpread> spread;   // of an ensemble's prediction; in no file
  /// Of a set of pairs: its figures by their keys (set_figures.h). The members above are then the
  /// worst of the pairs.
  std::map<std::string, double> of_set = {};

  bool feasible() const { return reason == InfeasibleReason::kNone; }
};

/// Equal figures and the same reason; unknown equals unknown.
bool operator==(const Costs& a, const Costs& b);

/// "local_memory_too_small: layer ...", as the files of studies have it; empty if feasible.
std::string reason_sentence(const Costs& costs);
/// Costs of which only the reason is known, from such a sentence; that of a feasible pair if the
/// sentence begins with none of the codes.
Costs costs_of_reason(const std::string& sentence);

}  // namespace dovetail
