#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/onnx_options.h"
#include "hw_space/accelerator_name.h"
#include "models/network/onnx/own_numbers.h"
#include "models/network/zoo.h"
#include "models/training/weights/weights_file.h"
#include "nas/analysis/export_pair.h"
#include "sim/exchange/foreign_accelerators.h"
#include "sim/exchange/network_export.h"
#include "sim/exchange/onnx_costs.h"
#include "sim/exchange/torch_files.h"
#include "sim/silicon/technology.h"

namespace dovetail {
namespace {

struct ExportArguments {
  std::string network, onnx, torch, accelerator, weights, zigzag, timeloop;
  std::string study, output;
  std::int64_t trial = 0;
  NetworkExport how;
  bool costs = false;
  std::string technology = "16nm";
};

OnnxNumbers own_numbers(const ExportArguments& arguments) {
  static_cast<void>(find_network(arguments.network));  // what is refused is not the weights' fault
  try {
    return load_onnx_numbers(arguments.network);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}\nwithout them: --weights random, or zero", error.what()));
  }
}

/// The network with the numbers that --weights asks for; says of these what they are.
Network network_with_weights(const ExportArguments& arguments, OnnxOptions& options,
                             std::string& kind) {
  const bool from_file = is_onnx_name(arguments.network);
  kind = !arguments.weights.empty() ? arguments.weights : from_file ? "own" : "random";
  if (kind == "own") {
    if (!from_file) {
      throw InputError(fmt::format(
          "--weights: found own of '{}', allowed of a network that is read from an ONNX file",
          arguments.network));
    }
    OnnxNumbers numbers = own_numbers(arguments);
    for (const std::string& node : numbers.left_out) {
      if (!quiet()) fmt::print("left out, as the host's: {}\n", node);
    }
    options.values = std::move(numbers.values);
    return std::move(numbers.network);
  }
  Network network = find_network(arguments.network);
  if (kind == "zero") options.weights = OnnxWeights::kZero;
  if (kind == "random") kind = fmt::format("random, seed {}", options.seed);
  if (std::filesystem::path(kind).extension() == ".safetensors") {
    options.values = load_weights(kind, network);
  }
  return network;
}

void export_onnx(const ExportArguments& arguments, const OnnxOptions& options) {
  NetworkExport how = arguments.how;
  how.onnx = options;
  std::string kind;
  const Network network = network_with_weights(arguments, how.onnx, kind);
  if (arguments.costs) {
    how.onnx.metadata =
        simulated_costs(network, find_accelerator(arguments.accelerator), arguments.technology);
  }
  const OnnxFiles written = export_network(network, arguments.onnx, how);
  for (const auto& file : written.files) print_file(file);
  if (quiet()) return;
  fmt::print("{} weights, {}, {}\n", written.weights, how.int8 ? "int8" : "float32", kind);
}

void export_network(const ExportArguments& arguments, const OnnxOptions& options) {
  if (arguments.onnx.empty() && arguments.torch.empty()) {
    throw InputError(
        "export: found -n with nothing to write, allowed '--onnx FILE' and '--torch FOLDER'");
  }
  if (!arguments.onnx.empty()) export_onnx(arguments, options);
  if (arguments.torch.empty()) return;
  for (const auto& file : write_torch_files(find_network(arguments.network), arguments.torch)) {
    print_file(file);
  }
}

void export_accelerator(const ExportArguments& arguments) {
  const bool foreign = !arguments.zigzag.empty() || !arguments.timeloop.empty();
  if (arguments.output.empty() && !foreign) {
    if (arguments.costs) return;  // it is what they are costs on
    throw InputError(
        "export: found -a with nothing to write, allowed '-a ACCELERATOR -o FILE', '--zigzag FILE' "
        "and '--timeloop FILE'");
  }
  const AcceleratorConfig accelerator = find_accelerator(arguments.accelerator);
  const auto write = [](const std::string& file, const std::string& text) {
    write_file_atomically(file, text);
    print_file(file);
  };
  if (!arguments.output.empty()) write(arguments.output, accelerator.to_yaml());
  if (!foreign) return;
  const Technology technology =
      Technology::load(resolve_config("technology", arguments.technology));
  if (!arguments.zigzag.empty()) write(arguments.zigzag, zigzag_yaml(accelerator, technology));
  if (!arguments.timeloop.empty()) {
    write(arguments.timeloop, timeloop_yaml(accelerator, technology));
  }
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
        "'-n NETWORK --torch FOLDER', '-a ACCELERATOR -o FILE' and '-s STUDY -t TRIAL -o FOLDER'");
  }
  OnnxOptions onnx = options;
  if (arguments.weights == "zero") onnx.weights = OnnxWeights::kZero;
  if (!arguments.weights.empty() && arguments.weights != "zero" && arguments.weights != "random") {
    throw InputError(fmt::format("--weights: found '{}' of a trial, allowed random and zero",
                                 arguments.weights));
  }
  for (const auto& file : export_pair(arguments.study, arguments.trial, arguments.output, onnx)) {
    print_file(file);
  }
}

/// What other tools are told of the accelerator of -a, and of a network's costs on it.
void add_accelerator_options(CLI::App& command, CLI::Option* onnx, CLI::Option* accelerator,
                             ExportArguments& arguments) {
  auto* costs = command.add_flag(
      "--costs", arguments.costs,
      "Cycles, latency and energy of each node on the accelerator of -a in the ONNX file's "
      "metadata, where viewers show them");
  costs->needs(onnx)->needs(accelerator);
  command
      .add_option("--technology", arguments.technology,
                  "Technology name or YAML, of energy and area there")
      ->capture_default_str();
  command
      .add_option("--zigzag", arguments.zigzag,
                  "The accelerator for ZigZag, as near as its YAML allows")
      ->needs(accelerator);
  command.add_option("--timeloop", arguments.timeloop, "The same for Timeloop and Accelergy")
      ->needs(accelerator);
}

/// How a network is written as ONNX beside what add_onnx_options() says.
void add_network_options(CLI::App& command, CLI::Option* onnx, NetworkExport& how) {
  auto* qdq = command.add_flag("--qdq", how.int8,
                               "In int8, with the scales of the functional mode: QuantizeLinear "
                               "and DequantizeLinear around each layer");
  command
      .add_option("-d,--data", how.images,
                  "Folder of images that the int8 ranges are measured on; else random numbers")
      ->needs(qdq);
  command
      .add_flag_callback(
          "--power-of-two-scales", [&how] { how.scales = ScaleRule::kPowersOfTwo; },
          "Int8 scales that are powers of two: up to a bit coarser, and the same integers in every "
          "runtime")
      ->needs(qdq);
  auto* data = command.add_option("--test-data", how.test_data,
                                  "Folder for an input and what this program computes of it: "
                                  "input_0.pb, output_0.pb");
  data->needs(onnx);
  command
      .add_flag("--layers", how.all_layers,
                "There also what every layer gives: layer_0.pb, layer_1.pb, ...")
      ->needs(data);
  qdq->needs(onnx);
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
  onnx->needs(network);
  command
      ->add_option("--torch", arguments->torch,
                   "Folder for network.json and dovetail_torch.py, which makes a torch.nn.Module "
                   "of it")
      ->needs(network);
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
  const auto options = add_onnx_options(*command, arguments->weights);
  add_network_options(*command, onnx, arguments->how);
  add_accelerator_options(*command, onnx, accelerator, *arguments);
  command->footer(
      "dovetail export -n mobilenet_v2 --onnx mobilenet_v2.onnx\n"
      "dovetail export -n mobilenet_v2 --onnx int8.onnx --qdq --test-data test_data_set_0\n"
      "dovetail export -n mobilenet_v2 --onnx costs.onnx -a nahas_baseline --costs\n"
      "dovetail export -n mobilenet_v2 --torch mobilenet_v2\n"
      "dovetail export -a nahas_edge-3778 -o chip.yaml --zigzag zigzag.yaml --timeloop arch.yaml\n"
      "dovetail export --study out/demo -t 17 -o pair\n"
      "To simulate the pair: dovetail simulate -n pair/network.yaml -a pair/accelerator.yaml");
  command->callback([arguments, options] { run_export(*arguments, *options); });
}

}  // namespace dovetail
