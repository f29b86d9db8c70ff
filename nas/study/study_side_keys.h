#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// Keys of `network` and `hardware`: what is searched, and what is fixed.
const std::vector<StudyKey>& network_keys();
const std::vector<StudyKey>& hardware_keys();

}  // namespace dovetail
