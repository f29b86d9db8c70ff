#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/study/export_pair.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string network, onnx;
  std::string study, output;
  std::int64_t trial = 0;
  bool zero = false;
  OnnxOptions options;
};

void print_file(const std::filesystem::path& file) {
  constexpr double kKilobyte = 1e3, kMegabyte = 1e6;
  const auto bytes = static_cast<double>(std::filesystem::file_size(file));
  if (bytes < kMegabyte) {
    fmt::print("{} ({:.1f} kB)\n", file.string(), bytes / kKilobyte);
  } else {
    fmt::print("{} ({:.1f} MB)\n", file.string(), bytes / kMegabyte);
  }
}

void export_network(const Arguments& arguments) {
  const OnnxFiles written =
      save_onnx(find_network(arguments.network), arguments.onnx, arguments.options);
  if (quiet()) return;
  for (const auto& file : written.files) print_file(file);
  const std::string kind =
      arguments.zero ? "zero" : fmt::format("random, seed {}", arguments.options.seed);
  fmt::print("{} weights, float32, {}\n", written.weights, kind);
}

void export_trial(const Arguments& arguments) {
  for (const auto& file :
       export_pair(arguments.study, arguments.trial, arguments.output, arguments.options)) {
    if (!quiet()) print_file(file);
  }
}

void run_export(Arguments& arguments) {
  arguments.options.weights = arguments.zero ? OnnxWeights::kZero : OnnxWeights::kRandom;
  if (!arguments.network.empty()) return export_network(arguments);
  if (!arguments.study.empty()) return export_trial(arguments);
  throw InputError(
      "export: found neither -n nor -s; allowed are '-n NETWORK --onnx FILE' and "
      "'-s STUDY -t TRIAL -o FOLDER'");
}

}  // namespace

void add_export_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("export", "Write a network as ONNX, or the pair of a trial as files");
  auto arguments = std::make_shared<Arguments>();
  auto* network = command->add_option("-n,--network", arguments->network,
                                      "Zoo name, alias, network YAML or ONNX file");
  auto* onnx = command->add_option("--onnx", arguments->onnx, "ONNX file for the network");
  network->needs(onnx);
  onnx->needs(network);
  auto* study = command->add_option("-s,--study", arguments->study, "Folder of the study");
  auto* trial =
      command->add_option("-t,--trial", arguments->trial, "Number of the trial, as in pareto.csv");
  auto* output = command->add_option(
      "-o,--output", arguments->output,
      "Folder for network.yaml, network.onnx, accelerator.yaml and pair.yaml of the trial");
  study->needs(trial)->needs(output)->excludes(network);
  trial->needs(study);
  output->needs(study);
  command
      ->add_option_function<std::string>(
          "--weights", [arguments](const std::string& kind) { arguments->zero = kind == "zero"; },
          "In ONNX files: random (default; as He et al. 2015 scale them) or zero")
      ->check(CLI::IsMember({"random", "zero"}));
  command->add_option("--seed", arguments->options.seed, "Of random weights")
      ->capture_default_str();
  command->add_flag("--external-data", arguments->options.external_data,
                    "Weights go to FILE.data beside FILE; needed above 2 GiB");
  command->footer(
      "dovetail export -n mobilenet_v2 --onnx mobilenet_v2.onnx\n"
      "dovetail export -s out/demo -t 17 -o pair\n"
      "To simulate the pair: dovetail simulate -n pair/network.yaml -a pair/accelerator.yaml");
  command->callback([arguments] { run_export(*arguments); });
}

}  // namespace dovetail
