#include "cli/bare_command.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>

namespace dovetail {

void print_help_if_bare(CLI::App& command) {
  command.require_subcommand(0, 1);
  command.callback([&command] {
    if (!command.get_subcommands().empty()) return;
    const CLI::App* whole = &command;  // which knows the words before it
    while (whole->get_parent() != nullptr) whole = whole->get_parent();
    fmt::print("{}", whole->help());
  });
}

}  // namespace dovetail
