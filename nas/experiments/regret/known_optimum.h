#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nas/experiments/regret/regret_settings.h"

namespace dovetail {

/// A pair on the true front.
struct OptimumPair {
  std::uint64_t network = 0;      // point (index) of the network space
  std::uint64_t accelerator = 0;  // of the design space
  double top1_percent = 0, latency_ms = 0;
};

/// The answer of a joint search, from an enumeration of all pairs: what is kept of it, so that
/// searches can be judged without enumerating again.
struct KnownOptimum {
  std::string network_space, hardware_space;  // JSON of SpaceDescription
  std::string technology;
  std::string simulator;  // version and build that enumerated
  RegretSettings settings;
  std::uint64_t networks = 0, accelerators = 0;  // distinct
  std::uint64_t feasible_pairs = 0, acceptable_pairs = 0;
  std::vector<OptimumPair> front;  // best top-1 first
  double best_hypervolume = 0, best_reward = 0;

  double acceptable_share() const {
    return static_cast<double>(acceptable_pairs) / static_cast<double>(networks * accelerators);
  }

  /// JSON, schema dovetail.known_optimum/2.
  std::string to_json() const;
  /// Throws InputError for anything but a whole file of this schema.
  static KnownOptimum load(const std::filesystem::path& file);
};

}  // namespace dovetail
