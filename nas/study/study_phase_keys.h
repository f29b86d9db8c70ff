#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// The keys below `phase`, which are read when all others are.
const std::vector<StudyKey>& phase_keys();

/// Fills in the defaults of a study of scope `phase`; throws InputError at `scope` if it lacks what
/// phases need.
void begin_phases(const YamlNode& scope, StudyConfig& config);

/// Throws InputError at `network` unless the study's network fits the order of its phases.
void require_phases_fit(const YamlNode& network, const StudyConfig& config);

}  // namespace dovetail
