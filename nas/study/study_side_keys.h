#pragma once

#include <string>
#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// Keys of `network` and `hardware`: what is searched, and what is fixed.
const std::vector<StudyKey>& network_keys();
const std::vector<StudyKey>& hardware_keys();

/// Key `restrict`: the choices that some decisions are left.
void read_restrict(const YamlNode& node, StudyReading& reading, StudyConfig& config);
std::string write_restrict(const StudyConfig& config);

}  // namespace dovetail
