#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/training/measurements.h"

namespace dovetail {

/// How one output of one network was corrected.
struct CostCorrection {
  std::size_t measurements = 0;
  bool corrected = false;  // false: leave-one-out errors were not clearly smaller with a correction
  double penalty = std::numeric_limits<double>::quiet_NaN();  // of the ridge, where corrected
  // Root mean squares over the measurements of the error of the cost's logarithm, times 100.
  double before_percent = 0;
  double leave_one_out_percent = 0;  // each from a correction fitted on the others
};

struct FineTuned {
  Surrogate model;
  /// [member][cost], in the order of predicted_costs().
  std::vector<std::array<CostCorrection, kPredictedCosts>> corrections;
};

/// The model, corrected by a few measurements made elsewhere (two-phase use: trained on many
/// simulations, tuned on few measurements).
///
/// To the logarithm of each cost is added a linear function of the hidden units of all layers,
/// fitted to what the model misses by ridge regression, so that zero is what it tends to where
/// nothing was measured. The penalty is the one of a fixed list with the smallest leave-one-out
/// error. It is left out unless its gain is clear: the error halved, or the mean gain above three
/// of its standard errors. Feasibility stays as it was. Deterministic. A cost with fewer than 3
/// measurements is not corrected. A model that was tuned before is refused (InputError): tune the
/// one it was made from with all measurements.
FineTuned fine_tune(const Surrogate& model, const Measurements& measurements);

/// JSON; it has the report of the model that was tuned.
std::string fine_tuning_report(const Surrogate& base, const FineTuned& tuned,
                               const std::string& schema = "dovetail.fine_tuning_report/1");

}  // namespace dovetail
