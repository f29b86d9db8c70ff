#pragma once

namespace CLI {
class App;
}

namespace dovetail {

/// What holds for the options of all commands, and is asked of each before its command begins:
/// a number is decimal, finite and fits; a text is not empty; a file is an input or an output, and
/// no two outputs have one name (see base/files/file_roles.h). To be called when all commands have
/// been added.
void check_all_options(CLI::App& app);

}  // namespace dovetail
