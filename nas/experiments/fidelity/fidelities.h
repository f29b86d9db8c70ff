#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dovetail {

/// What a cheap and an expensive way of training say of the same networks.
struct Fidelities {
  struct Fidelity {
    std::string name;
    double seconds = 0;                             // of one training, the mean
    std::vector<std::vector<double>> top1_percent;  // [seed][network]
  };
  Fidelity low, high;
  std::size_t networks = 0;

  /// Of each network, the mean of the expensive trainings: what counts as the truth.
  std::vector<double> truth() const;

  /// Reads `dovetail.fidelities/1`: a CSV file with the columns network, fidelity, seed,
  /// top1_percent, seconds; the fidelity of the first row is the cheap one. Throws InputError, with
  /// file and line, for anything else, and unless every network has every seed of both.
  static Fidelities load(const std::filesystem::path& file);
};

/// How well the cheap trainings order the networks.
struct FidelityRanks {
  std::vector<double> tau_with_truth;  // Kendall's tau-b, by seed of the cheap one
  std::vector<double> tau_between;     // of pairs of its seeds
  std::vector<bool> same_best;         // whether its best is the true best
};
FidelityRanks fidelity_ranks(const Fidelities& fidelities);

}  // namespace dovetail
