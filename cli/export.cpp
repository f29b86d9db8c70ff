#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "nas/study/export_pair.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string study, output;
  std::int64_t trial = 0;
};

}  // namespace

void add_export_command(CLI::App& app) {
  auto* command = app.add_subcommand("export", "Write the network and accelerator of a trial");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-s,--study", arguments->study, "Folder of the study")->required();
  command->add_option("-t,--trial", arguments->trial, "Number of the trial, as in pareto.csv")
      ->required();
  command->add_option("-o,--output", arguments->output, "Folder for the files")->required();
  command->footer(
      "To simulate the pair: dovetail simulate -n O/network.yaml -a O/accelerator.yaml");
  command->callback([arguments] {
    for (const auto& file : export_pair(arguments->study, arguments->trial, arguments->output)) {
      if (!quiet()) fmt::print("{}\n", file.string());
    }
  });
}

}  // namespace dovetail
