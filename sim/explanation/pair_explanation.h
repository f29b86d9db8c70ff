#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hw_space/design_space.h"
#include "sim/explanation/neighbours.h"
#include "sim/explanation/resource_use.h"
#include "sim/simulator.h"

namespace dovetail {

/// What bounds a network on an accelerator, and what each parameter would change.
struct PairExplanation {
  std::string network, space, technology;
  AcceleratorConfig accelerator;
  std::optional<std::size_t> layer;  // which one it is about; none: the network
  std::string layer_name;            // empty without
  SimulationResult result;
  CycleWindow window;                 // of the layer or of all
  std::vector<ResourceUse> uses;      // busiest first; empty if the pair is infeasible
  std::vector<Neighbour> neighbours;  // largest effect first, those of a parameter together

  /// Of the layer or, if it is not about one, of the network; 0 if infeasible.
  std::int64_t cycles_in(const SimulationResult& result) const;
  /// What a neighbour changes of these, in percent; nothing if either is infeasible.
  std::optional<double> change_percent_by(const Neighbour& neighbour) const;
};

/// Simulates the pair and the neighbours that the space has. `layer`: its name, or empty. Throws
/// InputError if there is no such layer.
PairExplanation explain_pair(const Network& network, const AcceleratorConfig& accelerator,
                             const std::string& layer, const DesignSpace& space,
                             const std::string& technology, int effort);

/// Average power of an inference, memory outside included.
double power_mw(const SimulationResult& result);

/// For a terminal: the bound in one sentence, what else worked, and a table of the neighbours.
std::string pair_explanation_text(const PairExplanation& explanation);

}  // namespace dovetail
