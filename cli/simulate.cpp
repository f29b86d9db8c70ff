#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/written_text.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"
#include "sim/explanation/compared_pairs.h"
#include "sim/functional/random_quantization.h"
#include "sim/functional/reference.h"
#include "sim/report.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

struct SimulateArguments {
  std::vector<std::string> networks, accelerators;
  std::string technology = "16nm", json, csv, trace;
  bool summary_only = false, functional = false;
  std::uint64_t seed = 0;
  int effort = 1;
  std::optional<double> rate;
  bool no_reuse = false;
};

std::string text_of(const TensorShape& shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

/// Compares with the reference; throws RunError naming the first element that differs.
void check_output(const FunctionalResult& result, const QuantizedTensor& expected) {
  const auto [found, wanted] = std::mismatch(result.output.data.begin(), result.output.data.end(),
                                             expected.data.begin(), expected.data.end());
  if (found != result.output.data.end()) {
    const auto at = static_cast<int>(found - result.output.data.begin());
    const TensorShape& shape = expected.shape;
    throw RunError(fmt::format(
        "functional: output {} differs from the reference, first at row {}, column {}, channel {}: "
        "{} instead of {}",
        text_of(shape), at / shape.channels / shape.width, at / shape.channels % shape.width,
        at % shape.channels, int{*found}, int{*wanted}));
  }
  if (!result.counts.sound()) {
    throw RunError(fmt::format(
        "functional: the output equals the reference, but {} operands were not where they were "
        "read, {} results were never written and {} more than once, and {} tiles were computed "
        "with more weights about than fit",
        result.counts.poison_reads, result.counts.outputs_missing,
        result.counts.outputs_overwritten, result.counts.weights_without_room));
  }
}

/// Runs with random weights and input; no verdict if the pair is infeasible.
SimulationResult simulate_with_data(Simulator& simulator, const Network& network,
                                    const AcceleratorConfig& accelerator, std::uint64_t seed,
                                    std::string& verdict) {
  const QuantizedNetwork quantized = random_quantization(network, seed);
  const QuantizedTensor input = random_input(network, seed);
  FunctionalResult result = simulator.run_functional(network, accelerator, quantized, input);
  if (result.timing.feasible()) {
    check_output(result, reference_output(network, quantized, input));
    verdict =
        fmt::format("functional: output {} equals the reference bit for bit ({} MACs, seed {})\n",
                    text_of(result.output.shape), result.counts.macs, seed);
  }
  return std::move(result.timing);
}

SimulatorOptions simulator_options(const SimulateArguments& arguments) {
  SimulatorOptions options;
  options.technology = arguments.technology;
  options.effort = arguments.effort;
  options.reuse = !arguments.no_reuse;
  options.trace = !arguments.trace.empty();
  return options;
}

void print_pairs(const SimulateArguments& arguments, const std::vector<ComparedPair>& pairs) {
  if (arguments.accelerators.size() == 2 && !arguments.summary_only) {
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      const std::string layers = layers_against_table(pairs[i], pairs[i + 1]);
      if (!layers.empty()) fmt::print("{}\n", layers);
    }
  }
  fmt::print("{}", pairs_table(pairs));
  for (const ComparedPair& pair : pairs) {
    if (pair.result.feasible()) continue;
    fmt::print("{} on {}: {}\n", pair.network, pair.accelerator, pair.result.reason_text);
  }
}

/// Every network on every accelerator: a table, and with two accelerators one against the other.
void simulate_pairs(const SimulateArguments& arguments) {
  if (arguments.functional || arguments.rate || !arguments.trace.empty()) {
    throw InputError(
        "simulate: --functional, --rate and --trace are of one network on one accelerator");
  }
  std::vector<Network> networks;
  std::vector<AcceleratorConfig> accelerators;
  for (const std::string& name : arguments.networks) networks.push_back(find_network(name));
  for (const std::string& a : arguments.accelerators) accelerators.push_back(find_accelerator(a));
  Simulator simulator(simulator_options(arguments));
  std::vector<ComparedPair> pairs;
  std::string reports;
  for (const Network& network : networks) {
    for (const AcceleratorConfig& accelerator : accelerators) {
      pairs.push_back({network.name(), accelerator.name, simulator.run(network, accelerator)});
      if (arguments.json.empty()) continue;
      const std::string report = simulation_json(network, accelerator, pairs.back().result);
      reports += (reports.empty() ? "[\n" : ",\n") + report.substr(0, report.size() - 1);
    }
  }
  write_text(arguments.json, [&] { return reports + "\n]\n"; });
  write_text(arguments.csv, [&] { return pairs_csv(pairs); });
  if (!quiet()) print_pairs(arguments, pairs);
}

void simulate_pair(const SimulateArguments& arguments) {
  const Network network = find_network(arguments.networks.front());
  const AcceleratorConfig accelerator = find_accelerator(arguments.accelerators.front());
  Simulator simulator(simulator_options(arguments));
  std::string verdict;
  const SimulationResult result =
      arguments.functional
          ? simulate_with_data(simulator, network, accelerator, arguments.seed, verdict)
          : simulator.run(network, accelerator);
  write_text(arguments.json,
             [&] { return simulation_json(network, accelerator, result, arguments.rate); });
  write_text(arguments.csv, [&] { return simulation_csv(result); });
  if (!arguments.trace.empty() && result.feasible()) {
    write_file_atomically(arguments.trace, simulator.last_trace_json(network, accelerator));
  }
  if (quiet()) return;
  if (result.feasible() && !arguments.summary_only) {
    fmt::print("{}\n", simulation_table(result));
  }
  fmt::print("{}{}", simulation_summary(network, accelerator, result, arguments.rate), verdict);
}

}  // namespace

void add_simulate_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("simulate", "Run a network on an accelerator, or several on several");
  auto arguments = std::make_shared<SimulateArguments>();
  command
      ->add_option("-n,--network", arguments->networks,
                   "Zoo name, alias, network YAML or ONNX file; may be given several times")
      ->required()
      ->expected(1)
      ->take_all();
  command
      ->add_option("-a,--accelerator", arguments->accelerators,
                   "Accelerator name or YAML, or a point of a space: nahas_edge-3778, "
                   "nahas_edge:pes_x=8; may be given several times")
      ->required()
      ->expected(1)
      ->take_all();
  command
      ->add_option("--technology", arguments->technology,
                   "Technology name or YAML, of area and energy, with its temperature")
      ->capture_default_str();
  allow_positive(
      command->add_option(
          "--rate", arguments->rate,
          "Frames a second: energy and power of one inference a frame, leaking between them"))
      ->check(CLI::Range(1e-6, 1e9));
  command->add_option("--json", arguments->json, "Write everything as JSON to this file");
  command->add_option("--csv", arguments->csv,
                      "Write the layers (of several pairs the pairs) as CSV to this file");
  command->add_option(
      "--trace", arguments->trace,
      "Write what every agent did, for Perfetto (ui.perfetto.dev) or chrome://tracing");
  command
      ->add_option("--effort", arguments->effort,
                   "How much the mapper tries; more takes longer and is never slower on the chip")
      ->check(CLI::Range(1, kMostMapperEffort))
      ->capture_default_str();
  command->add_flag("--no-reuse", arguments->no_reuse,
                    "Map equal layers anew each time: slower, the same result (for checking)");
  command->add_flag("--summary", arguments->summary_only, "Print the totals without the layers");
  auto* functional = command->add_flag(
      "--functional", arguments->functional,
      "Carry int8 data (random weights and input) and compare the output with a plain reference");
  command->add_option("--seed", arguments->seed, "Of the random data")
      ->needs(functional)
      ->capture_default_str();
  command->footer(
      "With several networks or accelerators: a table of the pairs, and with two accelerators one\n"
      "against the other, layer by layer. An infeasible pair is a result (exit 0): the reason is\n"
      "printed and written.");
  command->callback([arguments] {
    const bool several = arguments->networks.size() > 1 || arguments->accelerators.size() > 1;
    several ? simulate_pairs(*arguments) : simulate_pair(*arguments);
  });
}

}  // namespace dovetail
