#pragma once

namespace CLI {
class App;
}

namespace dovetail {

/// Lets a command that is nothing without one of its subcommands print its help when it has none.
void print_help_if_bare(CLI::App& command);

}  // namespace dovetail
