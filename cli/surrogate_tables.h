#pragma once

#include <string>

#include "models/surrogate/trainer.h"

namespace dovetail {

/// Latency and feasibility errors as a table; `pairs` names what they were measured on.
std::string errors_table(const SurrogateErrors& errors, bool knows_feasibility,
                         const std::string& pairs);

}  // namespace dovetail
