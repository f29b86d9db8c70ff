#pragma once

#include <string>
#include <vector>

#include "sim/explanation/loop_nest.h"
#include "sim/explanation/utilization.h"
#include "sim/mapping/mapper.h"
#include "sim/simulator.h"

namespace dovetail {

/// A layer's mapping, its rivals, the circumstances in which the mapper chose, and what came of it.
struct MappingExplanation {
  LayerGeometry geometry;
  LayerContext context;
  std::vector<TriedMapping> rivals;  // the first is the one chosen
  std::int64_t operations = 0;       // of the lanes: see CompiledLayer
  std::vector<UtilizationFactor> factors;
  std::vector<MappingLoop> loops;
  LayerResult simulated;
};

/// For every layer, or only the one called `layer`, as a simulation with this effort executes it.
/// Throws InputError if there is no such layer; empty, with the reason in `result`, if the network
/// cannot run.
std::vector<MappingExplanation> explain_mapping(const Network& network,
                                                const AcceleratorConfig& accelerator,
                                                const std::string& layer, int effort,
                                                SimulationResult& result);

/// Position of a layer of the network; throws InputError naming the nearest.
std::size_t find_layer(const Network& network, const std::string& name);

/// The explanation as a terminal shows it.
std::string explanation_text(const MappingExplanation& explanation,
                             const AcceleratorConfig& accelerator);

}  // namespace dovetail
