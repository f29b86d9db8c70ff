#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/folder_kind.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/onnx_options.h"
#include "hw_space/accelerator_name.h"
#include "models/accuracy/family/network_family.h"
#include "models/network/zoo.h"
#include "nas/scaling/scaling_comparison.h"
#include "nas/scaling/scaling_report.h"

namespace dovetail {
namespace {

struct ScaleArguments {
  std::string network, family, output;
  std::vector<std::string> accelerators;
  std::vector<double> growths{0.01}, latencies_ms;
  int resolution_step = 16;
};

std::vector<AcceleratorConfig> find_accelerators(const std::vector<std::string>& names) {
  std::vector<AcceleratorConfig> accelerators;
  for (const std::string& name : names) {
    accelerators.push_back(find_accelerator(name));
    const auto same = [&](const AcceleratorConfig& a) {
      return a.name == accelerators.back().name;
    };
    if (std::ranges::count_if(accelerators, same) > 1) {
      throw InputError(fmt::format("accelerator '{}' is given twice", accelerators.back().name));
    }
  }
  return accelerators;
}

/// The last network of the joint way.
void write_network(const ScaleArguments& arguments, const ScalableNetwork& network,
                   const ScalingComparison& comparison, const OnnxOptions& options) {
  const std::filesystem::path folder = arguments.output;
  const ScaleStep& answer = comparison.methods.front().answer(comparison.budgets_ms.size() - 1);
  const BlockNetwork scaled = network.at(answer.scale, scaled_name(network));
  write_file_atomically(folder / "network.yaml", scaled.to_yaml());
  print_file(folder / "network.yaml");
  for (const auto& file : save_onnx(scaled.build(), folder / "network.onnx", options).files) {
    print_file(file);
  }
}

void scale(const ScaleArguments& arguments, const OnnxOptions& options) {
  const ScalableNetwork network(find_block_network(arguments.network));
  const NetworkFamily family = find_family(network, arguments.family);
  const std::vector<AcceleratorConfig> accelerators = find_accelerators(arguments.accelerators);
  if (!arguments.output.empty()) {
    require_folder_of(FolderKind::kScaling, arguments.output);
    require_writable_folder(arguments.output);
  }
  if (!quiet()) fmt::print("{}\n", family_text(family));
  std::vector<ScalingComparison> comparisons;
  for (const AcceleratorConfig& accelerator : accelerators) {
    MeasuredScales measured(network, accelerator,
                            [&](const NetworkScale& s) { return family.accuracy(network, s); });
    std::vector<double> budgets_ms = arguments.latencies_ms;
    if (budgets_ms.empty()) {
      const double own_ms = measured.required(network.scale()).latency_ms;
      for (const double growth : arguments.growths) budgets_ms.push_back(own_ms * (1 + growth));
    }
    comparisons.push_back(
        compare_scaling(network, measured, budgets_ms, arguments.resolution_step));
    if (quiet()) continue;
    fmt::print("{} on {}\n{}\n{}\n", network.base().name, accelerator.name,
               scaling_path_table(comparisons.back(), network),
               scaling_answers_table(comparisons.back()));
  }
  if (arguments.output.empty()) return;
  const std::filesystem::path csv = std::filesystem::path(arguments.output) / "scaling.csv";
  write_file_atomically(csv, scaling_csv(comparisons, network, family));
  print_file(csv);
  if (comparisons.size() == 1) write_network(arguments, network, comparisons.front(), options);
}

}  // namespace

void add_scale_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "scale", "Make a network deeper, wider and larger in input for an accelerator");
  auto arguments = std::make_shared<ScaleArguments>();
  command
      ->add_option("-n,--network", arguments->network,
                   "Zoo name, alias, network YAML or ONNX file, of a family of published networks")
      ->required();
  command
      ->add_option("-a,--accelerator", arguments->accelerators,
                   "Accelerator name or YAML, or a point of a space; may be given several times")
      ->required()
      ->expected(1)
      ->take_all();
  auto* growth =
      command
          ->add_option("--latency-growth", arguments->growths,
                       "How much longer it may take, as a share: 0.006 is 0.6 %; several, "
                       "ascending and separated by commas, are reached one after another")
          ->delimiter(',')
          ->check(CLI::Range(0.0, 1000.0))
          ->capture_default_str();
  allow_positive(command
                     ->add_option("--latency-ms", arguments->latencies_ms,
                                  "The same as milliseconds that it may take in all")
                     ->delimiter(','))
      ->excludes(growth);
  command->add_option("--family", arguments->family,
                      "Published networks that say what a scale is worth: name in "
                      "configs/families or YAML (default: that which the network is of)");
  command
      ->add_option("--resolution-step", arguments->resolution_step,
                   "Pixels by which height and width of the input grow at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output,
                      "Folder for scaling.csv, with every step of every way, and of one "
                      "accelerator the scaled network, as network.yaml and network.onnx");
  const auto options = add_onnx_options(*command);
  command->footer(
      "Each step is the one more block of a stage, the wider stage or the larger input that gains\n"
      "most accuracy for the latency that it costs. Beside it: width alone, resolution alone,\n"
      "EfficientNet's compound factors, and the same steps by multiply-accumulates. See\n"
      "docs/howto_scale.md.");
  command->callback([arguments, options] { scale(*arguments, *options); });
}

}  // namespace dovetail
