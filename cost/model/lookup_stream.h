#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cost/model/cost_model.h"

namespace dovetail {

/// CostModel::stream() of what is looked up, pair by pair, in no time: what `look_up` throws is the
/// failure of its pair. With `refused_as` the pair is refused, for this reason ("not measured").
std::uint64_t stream_lookups(const PairStream& pairs,
                             const std::function<Costs(const Pair&)>& look_up,
                             const std::string& refused_as = "");

}  // namespace dovetail
