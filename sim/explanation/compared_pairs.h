#pragma once

#include <span>
#include <string>

#include "sim/simulator.h"

namespace dovetail {

/// A network on an accelerator, simulated with its layers.
struct ComparedPair {
  std::string network, accelerator;
  SimulationResult result;
};

/// For the terminal: a row a pair, or why it cannot run.
std::string pairs_table(std::span<const ComparedPair> pairs);
/// The same figures: schema dovetail.simulated_pairs/1.
std::string pairs_csv(std::span<const ComparedPair> pairs);

/// For the terminal: where two accelerators spend the time of one network, layer by layer, and how
/// much of the difference each layer is. Empty if it cannot run on one of them.
std::string layers_against_table(const ComparedPair& a, const ComparedPair& b);

}  // namespace dovetail
