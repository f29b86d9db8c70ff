#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cost/model/cost_model.h"

namespace dovetail {

class Simulator;

/// A network on an accelerator that share no domain with the pairs asked about beside them.
struct LoosePair {
  std::size_t network = 0;  // position among the networks that pairs are told with
  Choices choices;          // the point, where that is a space; else empty
  AcceleratorConfig accelerator;
  std::string technology = "16nm";  // of area and energy: name or file in configs/technology
  bool report = false;              // the whole report of the simulation is wanted as well
};

struct LooseCosts {
  PairCosts found;
  std::string report;  // simulation_json(), if it was asked for and nothing went wrong
};

/// The simulator for loose pairs, in this process.
class LooseSimulator {
 public:
  LooseSimulator();
  ~LooseSimulator();
  LooseSimulator(const LooseSimulator&) = delete;
  LooseSimulator& operator=(const LooseSimulator&) = delete;

  /// Throws nothing: what goes wrong is in the result.
  LooseCosts costs(const NetworkSide& network, const LoosePair& pair);
  /// Area only; closed form. Throws InputError for an unknown technology.
  double area_mm2(const AcceleratorConfig& accelerator, const std::string& technology);

 private:
  Simulator& simulator(const std::string& technology, bool report);

  std::map<std::pair<std::string, bool>, std::unique_ptr<Simulator>> simulators_;
};

}  // namespace dovetail
