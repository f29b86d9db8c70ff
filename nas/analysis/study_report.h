#pragma once

#include <string>

#include "nas/analysis/study_results.h"
#include "nas/study/study_setup.h"

namespace dovetail {

/// Tables for the terminal: the best pairs, hypervolumes, what was gained, and where the
/// hardware space may be too small. `setup` is the same study with its spaces loaded.
std::string results_text(const StudySetup& setup, const StudyResults& results);

}  // namespace dovetail
