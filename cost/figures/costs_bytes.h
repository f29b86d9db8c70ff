#pragma once

#include <string>
#include <string_view>

#include "cost/figures/costs.h"

namespace dovetail {

/// Costs on their way between processes of one program on one machine; the spread of a prediction
/// does not travel.
void append_costs(std::string& bytes, const Costs& costs);
/// Takes the costs off the front of `bytes`. Throws RunError if those end too early.
Costs take_costs(std::string_view& bytes);

}  // namespace dovetail
