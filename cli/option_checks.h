#pragma once

#include <span>

namespace CLI {
class App;
}

namespace dovetail {

/// What holds for the options of all commands, and is asked of each before its command begins:
/// a number is decimal, finite and fits; a text is not empty; a file is an input or an output, and
/// no two outputs have one name (see base/files/file_roles.h). An output that is text may be "-",
/// standard output: then `quiet` becomes true, so that nothing else is printed there. To be called
/// when all commands have been added.
void check_all_options(CLI::App& app, bool& quiet);

/// Throws CLI::ValidationError if one of the command line's `words` is a list with an element of no
/// characters, 1,,2 or 1, for one, which CLI11 would leave out.
void check_lists(CLI::App& app, std::span<const char* const> words);

}  // namespace dovetail
