#pragma once

#include <functional>
#include <string>

namespace dovetail {

/// Writes what an option such as --json names: a file, replaced in one step, or standard output if
/// it is "-" (no table is printed then, see check_all_options()). "" is not asked for: `text` is
/// not made then. Throws what write_file_atomically() does.
void write_text(const std::string& file, const std::function<std::string()>& text);

}  // namespace dovetail
