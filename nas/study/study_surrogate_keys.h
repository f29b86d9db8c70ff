#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

inline constexpr const char* kMlp = "mlp";

/// The keys below `cost.surrogate`.
const std::vector<StudyKey>& surrogate_keys();

/// Whether the study says what the surrogate learns from: labels, or a file that has learned.
bool names_labels(const StudyConfig& config);

/// What the study leaves open of labels, rounds and candidates simulated in each, once all else is
/// read. A study that names no labels gets the best known division of its simulations: a fifth are
/// random labels, eight rounds have the others; and a simulation for ten candidates that it asks
/// predictions for, if it does not say how many (docs/search.md#rounds).
void complete_surrogate(StudyConfig& config);

}  // namespace dovetail
