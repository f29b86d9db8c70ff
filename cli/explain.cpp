#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/files/paths.h"
#include "cli/commands.h"
#include "cli/written_text.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "sim/explanation/explanation_files.h"
#include "sim/explanation/pair_explanation.h"

namespace dovetail {
namespace {

struct ExplainArguments {
  std::string network, accelerator, layer, space = "nahas_edge", technology = "16nm", json, csv;
  int effort = 1;
};

void explain(const ExplainArguments& arguments) {
  const Network network = find_network(arguments.network);
  const AcceleratorConfig accelerator = find_accelerator(arguments.accelerator);
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", arguments.space));
  const PairExplanation explanation = explain_pair(network, accelerator, arguments.layer, space,
                                                   arguments.technology, arguments.effort);
  write_text(arguments.json, [&] { return explanation_json(explanation); });
  write_text(arguments.csv, [&] { return explanation_csv(explanation); });
  if (!quiet()) fmt::print("{}", pair_explanation_text(explanation));
}

}  // namespace

void add_explain_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "explain", "What bounds a network on an accelerator, and what each parameter would change");
  auto arguments = std::make_shared<ExplainArguments>();
  command
      ->add_option("-n,--network", arguments->network, "Zoo name, alias, network YAML or ONNX file")
      ->required();
  command
      ->add_option(
          "-a,--accelerator", arguments->accelerator,
          "Accelerator name or YAML, or a point of a space: nahas_edge-3778, nahas_edge:pes_x=8")
      ->required();
  command->add_option(
      "-l,--layer", arguments->layer,
      "What bounds this layer, and its cycles after each step (default: the network)");
  command
      ->add_option("-s,--space", arguments->space,
                   "Design space whose parameters and choices are the steps: name or YAML")
      ->capture_default_str();
  command
      ->add_option("--technology", arguments->technology,
                   "Technology of areas and energies: name or YAML")
      ->capture_default_str();
  command->add_option("--effort", arguments->effort, "How much the mapper tries")
      ->check(CLI::Range(1, kMostMapperEffort))
      ->capture_default_str();
  command->add_option("--json", arguments->json,
                      "Write everything as JSON to this file (for `dovetail plot tornado`)");
  command->add_option("--csv", arguments->csv, "Write the steps as CSV to this file");
  command->footer(
      "Each parameter is moved to the next smaller and the next larger choice of the space, all "
      "else\n"
      "equal, and the network simulated again. A step on which it cannot run says why. How a "
      "layer\n"
      "is laid out, and why it computes below the peak: dovetail map.");
  command->callback([arguments] { explain(*arguments); });
}

}  // namespace dovetail
