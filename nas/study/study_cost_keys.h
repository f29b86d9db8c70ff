#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// The keys below `cost`.
const std::vector<StudyKey>& cost_keys();

/// What `cost.model` of a study names, before all else is read: whether there are accelerators
/// depends on it. Simulation where it names none that is known, which reading it then says.
const CostModelInfo& named_cost_model(const YamlNode& study);

}  // namespace dovetail
