#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// The ways of searching that NAHAS compares (Zhou et al., "NAHAS: Neural architecture and hardware
/// accelerator search", 2020): network and hardware together, networks for the baseline, and first
/// the one and then the other with as many samples and with twice as many.
struct ClaimsVariant {
  const char* name;
  std::int64_t budget;  // times the study's evaluations
};
/// joint, fixed_hardware, phase, phase_2x; in this order everywhere below.
const std::vector<ClaimsVariant>& claims_variants();

struct ClaimsOptions {
  std::vector<double> latency_targets_ms;
  std::filesystem::path folder;  // a study for each target and variant goes below it
  int workers = 1;               // processes, each with a study of its own
  std::function<bool()> keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// The study of one variant and target. `study` has scope phase (so it names the network that the
/// hardware is searched for) and a reward on latency. In the paper only the reward knows of
/// targets; a study with a constraint on area as well picks the hardware of the first phase within
/// it. Throws InputError for any other study.
StudyConfig claims_study(const StudyConfig& study, std::size_t variant, double latency_target_ms);

/// What one search found.
struct ClaimsSearch {
  double target_ms = 0;
  std::size_t variant = 0;
  std::uint64_t seed = 0;
  std::int64_t evaluations = 0;
  /// Highest top-1 at no more than the target and the baseline's area, and the lowest latency that
  /// has it; nothing if no candidate holds both.
  std::optional<double> top1_percent, latency_ms;
  /// The candidate with the highest reward, the search's own answer, misses target or area.
  bool violates = false;
  /// Of joint searches: lowest latency, within the area, at no less top-1 than the search with
  /// fixed hardware of the same seed and target.
  std::optional<double> latency_at_fixed_top1_ms;
};

/// Runs every study that is not complete in the folder (a stopped run goes on), and reads what they
/// found: by target, variant and seed. Throws RunError if stopped.
std::vector<ClaimsSearch> run_claims(const StudyConfig& study, const ClaimsOptions& options);

}  // namespace dovetail
