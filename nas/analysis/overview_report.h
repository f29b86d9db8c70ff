#pragma once

#include <string>

#include "nas/analysis/study_overview.h"

namespace dovetail {

/// For the terminal.
std::string overview_text(const StoredStudy& study, const StudyState& state,
                          const StudyOverview& overview);
/// Schema dovetail.study_overview/1.
std::string overview_json(const StoredStudy& study, const StudyState& state,
                          const StudyOverview& overview);

}  // namespace dovetail
