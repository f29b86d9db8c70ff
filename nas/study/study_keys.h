#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// The keys of a study file but for `schema`.
const std::vector<StudyKey>& study_keys();

}  // namespace dovetail
