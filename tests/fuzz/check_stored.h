#pragma once

#include <string_view>

namespace dovetail {

// As in check_input.h, of studies and their stores. Each may leave
// files where temporary ones go, and nothing else.

/// As a study YAML: a study or an InputError. What is read is written and read again as the same,
/// and its parts are loaded, or an InputError says why not; no program is started.
void check_study_yaml(std::string_view content);

/// As a study.db: what it says, or an InputError; the same if it is opened to be written.
void check_study_store(std::string_view content);

}  // namespace dovetail
