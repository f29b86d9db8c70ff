#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nas/experiments/fidelity/fidelities.h"

namespace dovetail {

/// How networks are drawn and chosen.
enum class HalvingPolicy {
  kHighOnly,  // every network drawn is trained expensively
  kLowOnly,   // every one cheaply
  kHalving,   // every one cheaply, the best 1/eta of them expensively: successive halving with two
              // rungs (Jamieson & Talwalkar, AISTATS 2016)
};

struct HalvingOptions {
  std::vector<double> budgets;  // in expensive trainings, each >= 1
  double eta = 3;
  std::uint64_t draws = 2000;  // searches a row
  std::uint64_t seed = 0;
};

/// What searches of one policy and budget end with, over many draws.
struct HalvingRow {
  HalvingPolicy policy = HalvingPolicy::kHighOnly;
  double budget = 0;
  std::size_t networks = 0;       // drawn in each, at most all there are
  double seconds = 0;             // spent in each
  double regret_points = 0;       // truth of the best network minus that of the chosen: mean
  double regret_deviation = 0;    // over the draws
  double best_found_percent = 0;  // share of draws that chose the best
};
/// By budget, then by policy. A search trains each network with one seed, drawn at random.
std::vector<HalvingRow> halving_regrets(const Fidelities& fidelities,
                                        const HalvingOptions& options);

/// A row a policy and budget: schema dovetail.fidelity_regrets/1.
std::string halving_csv(const std::vector<HalvingRow>& rows);
std::string fidelities_text(const Fidelities& fidelities, const std::vector<HalvingRow>& rows);

}  // namespace dovetail
