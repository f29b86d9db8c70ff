#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"
#include "sim/mapping/mapper.h"

namespace dovetail {

/// One reason why a layer computes below the peak.
struct UtilizationFactor {
  std::string what;  // "SIMD units that have an output channel: 24 of 64"
  double share = 1;  // of the peak that is left
};

/// Why the array is as busy as it is while it computes. The factors' product is
/// MACs / (peak * compute cycles) of the layer untiled and without table activations. Empty for
/// layers without MACs.
std::vector<UtilizationFactor> utilization_factors(const LayerGeometry& layer,
                                                   const AcceleratorConfig& accelerator,
                                                   const LayerMapping& mapping);

/// A layer's mapping, its rivals, and the circumstances in which the mapper chose.
struct MappingExplanation {
  std::string layer;
  LayerGeometry geometry;
  LayerContext context;
  std::vector<TriedMapping> rivals;  // the first is the one chosen
  std::vector<UtilizationFactor> factors;
};

/// For every layer, or only the one called `layer`. Throws InputError if there is no such layer;
/// empty, with `infeasible` filled in, if the network cannot run.
std::vector<MappingExplanation> explain_mapping(const Network& network,
                                                const AcceleratorConfig& accelerator,
                                                const std::string& layer, int effort,
                                                std::optional<Infeasible>& infeasible);

/// The explanation as a terminal shows it.
std::string explanation_text(const MappingExplanation& explanation,
                             const AcceleratorConfig& accelerator);

}  // namespace dovetail
