// The smallest accelerator of a space that runs a network within a time:
//   cheapest_chip NETWORK SPACE LATENCY_MS [STEP]     looks at every STEPth configuration
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "base/files/paths.h"
#include "hw_space/design_space.h"
#include "models/network/zoo.h"
#include "sim/simulator.h"

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::cerr << "usage: cheapest_chip NETWORK SPACE LATENCY_MS [STEP]\n";
    return 2;
  }
  const dovetail::Network network = dovetail::find_network(argv[1]);
  const auto space = dovetail::DesignSpace::load(dovetail::resolve_config("spaces", argv[2]));
  const double limit_ms = std::atof(argv[3]);
  const std::uint64_t step = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1;

  dovetail::Simulator simulator;
  std::optional<dovetail::AcceleratorConfig> best;
  double best_mm2 = 0;
  for (std::uint64_t i = 0; i < *space.decisions().count(); i += step) {
    const auto accelerator = space.decode(space.decisions().from_index(i));
    const double mm2 = simulator.area_mm2(accelerator);
    if (best && mm2 >= best_mm2) continue;
    const dovetail::SimulationResult result = simulator.run(network, accelerator);
    if (!result.feasible() || result.latency_ms > limit_ms) continue;
    best = accelerator;
    best_mm2 = mm2;
  }
  if (!best) {
    std::cout << "none runs " << network.name() << " within " << limit_ms << " ms\n";
    return 1;
  }
  std::cout << best_mm2 << " mm2\n" << best->to_yaml();
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 2;
}
