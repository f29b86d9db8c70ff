#pragma once

#include "models/accuracy/measured/measured_accuracies.h"
#include "models/network/space/network_space.h"

namespace dovetail {

/// Six decisions: depth d of {1, 2, 3}; kernel and expansion k0, e0, k1, e1 of which the second
/// pair has an effect from depth 2 on; kernel k2 from depth 3 on.
NetworkSpace small_space();

/// A made-up accuracy: additive effects of the active choices and one pair effect. Percent.
double small_accuracy(const NetworkSpace& space, const Choices& choices);

/// `count` distinct random networks of the small space (which has 333) with their accuracies.
MeasuredAccuracies small_data(const NetworkSpace& space, std::size_t count);

}  // namespace dovetail
