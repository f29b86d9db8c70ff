#pragma once

#include <string>

#include "nas/study/study_config.h"

namespace CLI {
class App;
}

namespace dovetail {

/// --trust: a study may run programs and write outside the current folder without being asked
/// about.
void add_trust_option(CLI::App& command, bool& trust);

/// The study that a command line names. Throws InputError if it would run a program of its own, or
/// write its results (`writes`: to where it says itself) outside the current folder, unless it is
/// trusted, came with the program, or someone at the terminal says yes.
StudyConfig load_trusted_study(const std::string& name_or_path, bool trust, bool writes);
/// The same of a study that has been read; `file` is where it stands, for messages.
StudyConfig trusted_study(StudyConfig config, const std::string& file, bool trust, bool writes);

}  // namespace dovetail
