#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cost/surrogate/training/trainer.h"
#include "cost/surrogate/validation/validation.h"

namespace dovetail {

/// Latency and feasibility errors as a table; `pairs` names what they were measured on.
std::string errors_table(const SurrogateErrors& errors, bool knows_feasibility,
                         const std::string& pairs);

/// How far the spread of an ensemble tells its error; empty if it is not known.
std::string uncertainty_table(const std::vector<UncertaintyCalibration>& uncertainty);
/// Errors by region, with what each region is.
std::string regions_table(const Validation& validation, bool knows_feasibility);
/// The worst cases of one of predicted_costs().
std::string worst_table(const Validation& validation, std::size_t cost);

}  // namespace dovetail
