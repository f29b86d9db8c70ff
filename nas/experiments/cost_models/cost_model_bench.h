#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// What a search finds with each cost model, and how long it takes: table V of the survey
/// (Benmeziane et al., "A comprehensive survey on hardware-aware NAS", 2021), with the simulator as
/// the device that is measured.
struct CostModelBenchOptions {
  std::vector<std::string> models;  // "simulation" or of rival_kinds(); at least one
  std::filesystem::path folder;     // a study for each model and seed goes below it
  int workers = 1;                  // processes that simulate in each study
  std::function<bool()> keep_going;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;
};

/// One search with one model.
struct CostModelSearch {
  std::string model;
  std::uint64_t seed = 0;
  std::int64_t asked = 0;      // candidates that the strategy asked for
  std::int64_t simulated = 0;  // pairs: labels, and what was simulated in the search or after it
  double seconds = 0;          // wall time: labels, fit, search, simulation of its proposals
  double hypervolume = 0;      // of the simulated front
  /// Mean of |predicted - simulated| / simulated over what the search proposed.
  std::optional<double> latency_error_percent;
};

/// The study with this cost model and one seed. `study` searches on predictions and names a number
/// of labels; throws InputError for any other.
StudyConfig with_cost_model(const StudyConfig& study, const std::string& model, std::uint64_t seed);

/// Runs what is not complete in the folder, one after the other, so that times are comparable; what
/// was stopped half-way begins anew. By model, then by seed. Throws RunError if stopped.
std::vector<CostModelSearch> run_cost_model_bench(const StudyConfig& study,
                                                  const CostModelBenchOptions& options);

}  // namespace dovetail
