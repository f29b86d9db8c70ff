#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/paths.h"
#include "cli/commands.h"
#include "models/network/zoo.h"
#include "sim/report.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string network, accelerator, technology = "16nm", json, csv, trace;
  bool summary_only = false;
};

void simulate(const Arguments& arguments) {
  const Network network = find_network(arguments.network);
  const AcceleratorConfig accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", arguments.accelerator));
  Simulator simulator({arguments.technology, true, !arguments.trace.empty()});
  const SimulationResult result = simulator.run(network, accelerator);
  if (!arguments.json.empty()) {
    write_file_atomically(arguments.json, simulation_json(network, accelerator, result));
  }
  if (!arguments.csv.empty()) write_file_atomically(arguments.csv, simulation_csv(result));
  if (!arguments.trace.empty() && result.feasible()) {
    write_file_atomically(arguments.trace, simulator.last_trace_json(network, accelerator));
  }
  if (quiet()) return;
  if (result.feasible() && !arguments.summary_only) {
    fmt::print("{}\n", simulation_table(result));
  }
  fmt::print("{}", simulation_summary(network, accelerator, result));
}

}  // namespace

void add_simulate_command(CLI::App& app) {
  auto* command = app.add_subcommand("simulate", "Run one network on one accelerator");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-n,--network", arguments->network, "Zoo name, alias or network YAML")
      ->required();
  command->add_option("-a,--accelerator", arguments->accelerator, "Accelerator name or YAML")
      ->required();
  command
      ->add_option("--technology", arguments->technology, "Technology name or YAML, for the area")
      ->capture_default_str();
  command->add_option("--json", arguments->json, "Write everything as JSON to this file");
  command->add_option("--csv", arguments->csv, "Write the layers as CSV to this file");
  command->add_option(
      "--trace", arguments->trace,
      "Write what every agent did, for Perfetto (ui.perfetto.dev) or chrome://tracing");
  command->add_flag("--summary", arguments->summary_only, "Print the totals without the layers");
  command->footer("An infeasible pair is a result (exit 0): the reason is printed and written.");
  command->callback([arguments] { simulate(*arguments); });
}

}  // namespace dovetail
