#pragma once

#include <string>
#include <vector>

#include "models/surrogate/trainer.h"

namespace dovetail {

/// Latency and feasibility errors as a table; `pairs` names what they were measured on.
std::string errors_table(const SurrogateErrors& errors, bool knows_feasibility,
                         const std::string& pairs);

/// How far the spread of an ensemble tells its error; empty if it is not known.
std::string uncertainty_table(const std::vector<UncertaintyCalibration>& uncertainty);

}  // namespace dovetail
