#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"

namespace dovetail {

// Decisions of a network space about how its networks are trained: "train.lr", "train.batch". They
// are searched like others and always have an effect, but no block and no input reads them: the
// network, its key and its costs are the same whatever they are. Who trains it takes them.

/// How their names begin.
inline constexpr const char* kTrainingDecision = "train.";
bool is_training_decision(const Decision& decision);

/// Their positions, ascending.
std::vector<std::size_t> training_decisions(const DecisionSpace& space);

/// What of a training they say at a point, as "train.lr=0.1 train.batch=64"; empty if the space has
/// none. With the key of the network it tells trainings apart.
std::string training_key(const DecisionSpace& space, const Choices& choices);

}  // namespace dovetail
