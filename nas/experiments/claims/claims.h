#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nas/experiments/claims/claims_variants.h"
#include "nas/study/study_config.h"

namespace dovetail {

struct ClaimsOptions {
  std::vector<double> latency_targets_ms;
  std::filesystem::path folder;  // a study for each target and variant goes below it
  int workers = 1;               // processes, each with a study of its own
  std::function<bool()> keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// A pair that a search found.
struct ClaimsDesign {
  double top1_percent = 0, latency_ms = 0, area_mm2 = 0;
  double peak_tops = 0;               // 1e12 operations a second, two a multiply-accumulate
  double local_memory_mib = 0;        // of all PEs
  std::vector<std::string> hardware;  // values of ClaimsResults::parameters

  /// NAHAS's memory-to-compute ratio, MiB per peak TOPS.
  double memory_per_compute() const { return local_memory_mib / peak_tops; }
};

/// What one search found.
struct ClaimsSearch {
  double target_ms = 0;
  ClaimsVariant variant = ClaimsVariant::kJoint;
  std::uint64_t seed = 0;
  std::int64_t evaluations = 0;
  /// Highest top-1 at no more than the target and the baseline's area and, of equal ones, the
  /// fastest; nothing if no candidate holds both.
  std::optional<ClaimsDesign> best;
  /// Whether the candidate with the highest reward, the search's own answer, misses them.
  bool misses_latency = true, misses_area = true;
  /// Of joint searches: lowest latency, within the area, at no less top-1 than the search with
  /// fixed hardware of the same seed and target.
  std::optional<double> latency_at_fixed_top1_ms;
};

/// A network that others have published, on the baseline.
struct ClaimsNetwork {
  std::string name;
  std::optional<double> top1_percent;  // as published
  std::optional<double> latency_ms;    // nothing if it cannot run
};

struct ClaimsResults {
  std::vector<std::string> parameters;  // of the hardware space
  double baseline_area_mm2 = 0;
  std::vector<ClaimsSearch> searches;  // by target, variant and seed
  std::vector<ClaimsNetwork> published;
};

/// Runs every study that is not complete in the folder (a stopped run goes on), and reads what they
/// found. Throws RunError if stopped.
ClaimsResults run_claims(const StudyConfig& study, const ClaimsOptions& options);

}  // namespace dovetail
