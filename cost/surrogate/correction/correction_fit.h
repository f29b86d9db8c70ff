#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "cost/surrogate/correction/simulator_correction.h"
#include "cost/surrogate/training/fine_tuning.h"
#include "cost/surrogate/training/measurements.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// Measured pairs and what the simulator says of each.
struct SimulatedMeasurements {
  Measurements measured;
  std::vector<Costs> simulated;  // feasible
  std::size_t infeasible = 0;    // measured, but left out since the simulator cannot run them
};

/// Throws InputError if the simulator can run none of them, or for a technology that is none.
SimulatedMeasurements simulate_measured(const Measurements& measured, const NetworkSpace& networks,
                                        const DesignSpace& accelerators,
                                        const std::string& technology);

struct FittedCorrection {
  SimulatorCorrection correction;
  /// [member of the base][cost], in the order of predicted_costs().
  std::vector<std::array<CostCorrection, kPredictedCosts>> corrections;
  std::string report;  // JSON, schema dovetail.correction_report/1; it has that of the base
};

/// Fits log(measured / simulated) by what fine_tune() fits the residuals of a model by: a ridge
/// regression on the hidden units of `base`, with the same choice of the penalty, and no correction
/// of a cost without a clear gain. What `base` predicts has no say, so neither has its error. Of an
/// ensemble it is the mean over the members. Deterministic.
FittedCorrection fit_correction(const Surrogate& base, const SimulatedMeasurements& measurements,
                                const std::string& simulator_probe);

}  // namespace dovetail
