#pragma once

#include <vector>

#include "nas/study/study_config.h"

namespace dovetail {

/// Metrics that the front, the constraints and the reward of a study name.
std::vector<const Figure*> used_metrics(const StudyConfig& config);

/// Figures of the set of networks and accelerators that a study is about: those that each set has,
/// then others that the study names. None if it is about single pairs.
std::vector<const Figure*> set_metrics(const StudyConfig& config);

/// All metrics, and all figures, that trials of the study may have; those of a set come last.
std::vector<const Figure*> study_metrics(const StudyConfig& config);
std::vector<const Figure*> study_figures(const StudyConfig& config);

}  // namespace dovetail
