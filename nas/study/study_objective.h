#pragma once

#include "nas/objective/objective.h"
#include "nas/study/study_config.h"

namespace dovetail {

/// What a study is after; `baseline_area_mm2` is what "baseline" stands for.
Objective study_objective(const StudyConfig& config, double baseline_area_mm2);

}  // namespace dovetail
