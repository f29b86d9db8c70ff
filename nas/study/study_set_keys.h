#pragma once

#include <string>

#include "nas/study/study_key.h"

namespace dovetail {

/// `networks`: {network | space, name, weight, latency_ms} each. Says what `network` would.
void read_networks(const YamlNode& node, StudyReading& reading, StudyConfig& config);
std::string write_networks(const StudyConfig& config);

/// `targets`: {accelerator, name, weight, latency_ms} each. Says what `hardware` would.
void read_hardware_targets(const YamlNode& node, StudyReading& reading, StudyConfig& config);
std::string write_hardware_targets(const StudyConfig& config);

}  // namespace dovetail
