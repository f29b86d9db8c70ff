#pragma once

#include "models/accuracy/command/command_source.h"
#include "models/accuracy/source/accuracy_kind.h"

namespace dovetail {

/// Accuracy source `command`: keys command, folder, timeout_s, retries, parallel.
AccuracySourceKind command_kind();

/// Reads those keys; paths are relative to `folder`.
CommandSettings read_command_settings(YamlMap& map, const std::filesystem::path& folder);

}  // namespace dovetail
