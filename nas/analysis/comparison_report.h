#pragma once

#include <string>

#include "nas/analysis/compare_studies.h"

namespace dovetail {

/// Tables for the terminal.
std::string comparison_text(const StudyComparison& comparison);
/// Schema dovetail.study_comparison/1: a row a contender and seed, with its hypervolume and the
/// best at each level.
std::string comparison_csv(const StudyComparison& comparison);

}  // namespace dovetail
