#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/files/paths.h"
#include "base/process/message_stream.h"
#include "cli/commands.h"
#include "cost/simulation/protocol.h"

namespace dovetail {

void add_worker_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "worker", "Answer requests for costs at standard input, a socket (docs/protocol.md)");
  command->group("");  // other commands start it, people do not
  auto names_only = std::make_shared<bool>(false);
  command->add_flag("--names-only", *names_only, "Take no path to a file for a name");
  command->callback([names_only] {
    if (*names_only) allow_names_only();
    serve_stream(STDIN_FILENO, STDIN_FILENO, simulation_work);
  });
}

}  // namespace dovetail
