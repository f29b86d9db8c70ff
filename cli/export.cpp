#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/onnx_options.h"
#include "hw_space/accelerator_name.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/analysis/export_pair.h"

namespace dovetail {
namespace {

struct ExportArguments {
  std::string network, onnx, accelerator;
  std::string study, output;
  std::int64_t trial = 0;
};

void export_network(const ExportArguments& arguments, const OnnxOptions& options) {
  const OnnxFiles written = save_onnx(find_network(arguments.network), arguments.onnx, options);
  for (const auto& file : written.files) print_file(file);
  const bool zero = options.weights == OnnxWeights::kZero;
  const std::string kind = zero ? "zero" : fmt::format("random, seed {}", options.seed);
  if (!quiet()) fmt::print("{} weights, float32, {}\n", written.weights, kind);
}

void export_accelerator(const ExportArguments& arguments) {
  if (arguments.output.empty()) {
    throw InputError("export: found -a without -o, allowed '-a ACCELERATOR -o FILE'");
  }
  write_file_atomically(arguments.output, find_accelerator(arguments.accelerator).to_yaml());
  print_file(arguments.output);
}

void run_export(const ExportArguments& arguments, const OnnxOptions& options) {
  if (!arguments.network.empty() && arguments.accelerator.empty() && !arguments.output.empty()) {
    throw InputError("export: found -o beside -n, allowed '-n NETWORK --onnx FILE'");
  }
  if (!arguments.accelerator.empty()) export_accelerator(arguments);
  if (!arguments.network.empty()) export_network(arguments, options);
  if (!arguments.network.empty() || !arguments.accelerator.empty()) return;
  if (arguments.study.empty()) {
    throw InputError(
        "export: found none of -n, -a and -s; allowed are '-n NETWORK --onnx FILE', "
        "'-a ACCELERATOR -o FILE' and '-s STUDY -t TRIAL -o FOLDER'");
  }
  for (const auto& file :
       export_pair(arguments.study, arguments.trial, arguments.output, options)) {
    print_file(file);
  }
}

}  // namespace

void add_export_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "export", "Write a network as ONNX, an accelerator as YAML, or a trial's pair");
  auto arguments = std::make_shared<ExportArguments>();
  auto* network = command->add_option("-n,--network", arguments->network,
                                      "Zoo name, alias, network YAML or ONNX file");
  auto* onnx = command->add_option("--onnx", arguments->onnx, "ONNX file for the network");
  auto* accelerator = command->add_option("-a,--accelerator", arguments->accelerator,
                                          "Accelerator name or YAML, or a point of a space");
  network->needs(onnx);
  onnx->needs(network);
  auto* study =
      command->add_option("--study", arguments->study,
                          "Folder of a study: the same as 'dovetail study export STUDY -t TRIAL'");
  auto* trial =
      command->add_option("-t,--trial", arguments->trial, "Number of the trial, as in pareto.csv");
  auto* output = command->add_option(
      "-o,--output", arguments->output,
      "File for the accelerator, as YAML; of a trial, folder for network.yaml, network.onnx, "
      "accelerator.yaml and pair.yaml");
  study->needs(trial)->needs(output)->excludes(network)->excludes(accelerator);
  trial->needs(study);
  const auto options = add_onnx_options(*command);
  command->footer(
      "dovetail export -n mobilenet_v2 --onnx mobilenet_v2.onnx\n"
      "dovetail export -a nahas_edge-3778 -o chip.yaml\n"
      "dovetail export --study out/demo -t 17 -o pair\n"
      "To simulate the pair: dovetail simulate -n pair/network.yaml -a pair/accelerator.yaml");
  command->callback([arguments, options] { run_export(*arguments, *options); });
}

}  // namespace dovetail
