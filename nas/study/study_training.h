#pragma once

#include <string>

#include "models/network/space/network_side.h"
#include "nas/objective/objective.h"
#include "nas/study/study_config.h"

namespace dovetail {

/// Throws InputError if the networks have training decisions ("train.lr") and the study's accuracy
/// source trains none by them: then they would be searched and mean nothing.
void require_training_decisions_used(const StudyConfig& config, const NetworkSide& networks);

/// key_of_giving_up() of the study's accuracy source; empty for one that trains nothing.
std::string key_of_giving_up(const StudyConfig& config);

/// Throws InputError if the study would give up trainings that it may want: it has to look for
/// accuracy alone, within limits.
void require_curves_decide(const StudyConfig& config, const Objective& objective);

}  // namespace dovetail
