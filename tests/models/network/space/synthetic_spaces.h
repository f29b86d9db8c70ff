#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/network/space/space_description.h"

namespace dovetail {

// Spaces without YAML and without a simulator.

inline Decision synthetic_decision(const std::string& name, std::vector<double> values) {
  Decision d{name, "", {}, values};
  for (const double v : values) d.choices.push_back(std::to_string(static_cast<int>(v)));
  return d;
}

/// Four slots (width {1,2,3} and kernel {3,5} each), the last two only at some depths.
inline SpaceDescription synthetic_network_space() {
  std::vector<Decision> decisions = {synthetic_decision("depth", {2, 3, 4})};
  SpaceDescription space;
  space.name = "synthetic_networks";
  for (int slot = 0; slot < 4; ++slot) {
    decisions.push_back(synthetic_decision("width" + std::to_string(slot), {1, 2, 3}));
    decisions.push_back(synthetic_decision("kernel" + std::to_string(slot), {3, 5}));
  }
  space.decisions = DecisionSpace(decisions);
  space.guards = {{5, 0, {false, true, true}},
                  {6, 0, {false, true, true}},
                  {7, 0, {false, false, true}},
                  {8, 0, {false, false, true}}};
  space.definition = "1";
  return space;
}

/// Three numeric decisions.
inline SpaceDescription synthetic_hardware_space() {
  return {"synthetic_hardware",
          DecisionSpace({synthetic_decision("units", {4, 8, 16, 32, 64}),
                         synthetic_decision("memory", {1, 2, 4, 8}),
                         synthetic_decision("bandwidth", {5, 10, 15, 20, 25})}),
          {},
          "1"};
}

}  // namespace dovetail
