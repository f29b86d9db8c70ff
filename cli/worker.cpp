#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/process/message_stream.h"
#include "cli/commands.h"
#include "cost/simulation/protocol.h"

namespace dovetail {

void add_worker_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "worker", "Answer requests for costs at standard input, a socket (docs/protocol.md)");
  command->group("");  // other commands start it, people do not
  command->callback([] { serve_stream(STDIN_FILENO, STDIN_FILENO, simulation_work); });
}

}  // namespace dovetail
