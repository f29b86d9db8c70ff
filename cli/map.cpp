#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "sim/explanation/mapping_explanation.h"

namespace dovetail {
namespace {

struct MapArguments {
  std::string network, accelerator, layer;
  int effort = 1;
};

void map(const MapArguments& arguments) {
  const Network network = find_network(arguments.network);
  const AcceleratorConfig accelerator = find_accelerator(arguments.accelerator);
  SimulationResult result;
  const auto layers =
      explain_mapping(network, accelerator, arguments.layer, arguments.effort, result);
  if (!result.feasible()) {
    fmt::print("infeasible ({}): {}\n", to_string(result.reason), result.reason_text);
    return;
  }
  for (const MappingExplanation& layer : layers) {
    fmt::print("{}\n", explanation_text(layer, accelerator));
  }
}

}  // namespace

void add_map_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("map", "How the mapper lays out a network, and why not otherwise");
  auto arguments = std::make_shared<MapArguments>();
  command
      ->add_option("-n,--network", arguments->network, "Zoo name, alias, network YAML or ONNX file")
      ->required();
  command
      ->add_option(
          "-a,--accelerator", arguments->accelerator,
          "Accelerator name or YAML, or a point of a space: nahas_edge-3778, nahas_edge:pes_x=8")
      ->required();
  command->add_option("-l,--layer", arguments->layer, "Only this layer (default: all)");
  command->add_option("--effort", arguments->effort, "How much the mapper tries")
      ->check(CLI::Range(1, kMostMapperEffort))
      ->capture_default_str();
  command->footer(
      "For each way to divide the PEs (r rows, c columns, k channels of the output) the best\n"
      "mapping, fastest first; the loops of the chosen one; and why it computes below the peak,\n"
      "factors that lead to the cycles of `dovetail simulate`.");
  command->callback([arguments] { map(*arguments); });
}

}  // namespace dovetail
