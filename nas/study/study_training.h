#pragma once

#include "models/network/space/network_side.h"
#include "nas/objective/objective.h"
#include "nas/study/study_config.h"

namespace dovetail {

/// Throws InputError if the networks have training decisions ("train.lr") and the study's accuracy
/// source trains none by them: then they would be searched and mean nothing.
void require_training_decisions_used(const StudyConfig& config, const NetworkSide& networks);

/// Whether trainings of the study are given up by their learning curves, so that what is known of a
/// network depends on what was trained before it.
bool gives_up_by_curves(const StudyConfig& config);

/// Throws InputError if the study would give up trainings that it may want: it has to look for
/// accuracy alone, within limits.
void require_curves_decide(const StudyConfig& config, const Objective& objective);

}  // namespace dovetail
