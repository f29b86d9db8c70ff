#pragma once

#include <string>
#include <vector>

#include "sim/explanation/compiled_layer.h"

namespace dovetail {

/// One reason why a layer computes below the peak.
struct UtilizationFactor {
  std::string what;  // "units in use: 24 of 64 (24 channels x 1 positions)"
  double share = 1;  // of the peak that is left
};

/// Why the lanes are as busy as they are while they compute, counted on the tiles that were
/// executed. Operations over peak times the product of the factors are the cycles that the
/// simulation reports as computing. Empty for layers that the vector unit does alone.
std::vector<UtilizationFactor> utilization_factors(const CompiledLayer& layer);

}  // namespace dovetail
