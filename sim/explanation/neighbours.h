#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "sim/simulator.h"

namespace dovetail {

/// An accelerator that differs from another in one parameter, by one step.
struct Neighbour {
  std::string parameter, unit;
  std::string from, to;   // values, as files have them
  std::string direction;  // "down", "up"; "other" for a choice that has no order
  AcceleratorConfig accelerator;
  SimulationResult result;  // of the network on it
};

/// The neighbours of an accelerator, parameter by parameter in the order of the decisions: to the
/// next smaller and the next larger choice of each, and to every other choice where they have no
/// order. Its own values need not be among the choices. Not simulated yet. Throws InputError if a
/// decision is not a parameter of accelerators.
std::vector<Neighbour> neighbours_of(const AcceleratorConfig& accelerator,
                                     const DecisionSpace& decisions);

/// Simulates the network on each.
void simulate_neighbours(const Network& network, Simulator& simulator,
                         std::vector<Neighbour>& neighbours);

/// Change in percent of `from`; nothing unless both are above 0.
std::optional<double> change_percent(double from, double to);

}  // namespace dovetail
