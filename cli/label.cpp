#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/paths.h"
#include "base/progress.h"
#include "base/worker_pool.h"
#include "cli/commands.h"
#include "nas/labelling.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string space, hardware = "nahas_edge", output;
  std::uint64_t count = 0;
  LabelFileOptions options;
};

void print_summary(const Dataset& data, const std::string& file) {
  std::vector<std::size_t> rows_of(data.header().reasons.size(), 0);
  for (std::size_t i = 0; i < data.rows(); ++i) ++rows_of[data.label(i).reason];
  fmt::print("{}: {} pairs of {} x {}, {} feasible, fingerprint {}\n", file, data.rows(),
             data.header().network.name, data.header().hardware.name, rows_of[0],
             data.fingerprint());
  for (std::size_t reason = 1; reason < rows_of.size(); ++reason) {
    if (rows_of[reason] == 0) continue;
    fmt::print("  infeasible, {}: {} ({:.1f} %)\n", data.header().reasons[reason], rows_of[reason],
               100 * static_cast<double>(rows_of[reason]) / static_cast<double>(data.rows()));
  }
}

std::string command_to_go_on(const Arguments& arguments) {
  const LabellingOptions& labelling = arguments.options.labelling;
  std::string technology;
  if (labelling.technology != LabellingOptions().technology) {
    technology = " --technology " + labelling.technology;
  }
  return fmt::format("dovetail label -s {} --hardware {} -c {} --seed {}{} -o {} --resume",
                     arguments.space, arguments.hardware, arguments.count, labelling.seed,
                     technology, arguments.output);
}

void label(const Arguments& arguments) {
  const NetworkSpace networks = NetworkSpace::load(resolve_config("spaces", arguments.space));
  const DesignSpace accelerators = DesignSpace::load(resolve_config("spaces", arguments.hardware));
  std::optional<Progress> progress;  // from when the work begins
  std::string saved;
  const auto show = [&](const Dataset& so_far, bool at_once) {
    if (!progress) {
      progress.emplace("labelling pairs", arguments.count,
                       quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
    }
    progress->update(so_far.rows(), saved, at_once);
  };
  LabelFileOptions options = arguments.options;
  options.saved = [&](const Dataset& so_far) {
    saved = fmt::format("{} saved", so_far.rows());
    show(so_far, so_far.rows() < arguments.count && !stop_requested());
  };
  const Dataset data = label_file(arguments.output, networks, accelerators, arguments.count,
                                  options, [&](const Dataset& so_far) {
                                    show(so_far, false);
                                    return !stop_requested();
                                  });
  progress.reset();
  if (data.rows() < arguments.count) {
    throw RunError(fmt::format("stopped; {} of {} pairs are saved in {}. To go on: {}", data.rows(),
                               arguments.count, arguments.output, command_to_go_on(arguments)));
  }
  if (!quiet()) print_summary(data, arguments.output);
}

}  // namespace

void add_label_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("label", "Simulate random (network, accelerator) pairs into a data set");
  auto arguments = std::make_shared<Arguments>();
  LabellingOptions& labelling = arguments->options.labelling;
  labelling.workers = available_processors();
  command->add_option("-s,--space", arguments->space, "Network space: name or YAML")->required();
  command->add_option("--hardware", arguments->hardware, "Design space: name or YAML")
      ->capture_default_str();
  command->add_option("-c,--count", arguments->count, "Pairs in the finished file")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command->add_option("-o,--output", arguments->output, "Data set (HDF5); replaced if it exists")
      ->required();
  command->add_option("--seed", labelling.seed, "Pair i depends on this seed and i alone")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", labelling.workers,
                   "Processes that simulate (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  command
      ->add_option("--technology", labelling.technology,
                   "Technology of areas and energies: name or YAML")
      ->capture_default_str();
  command->add_flag("--resume", arguments->options.resume,
                    "Keep the pairs of an existing file of the same seed and spaces, add the rest; "
                    "with a larger --count a finished file grows");
  command
      ->add_option("--checkpoint-seconds", arguments->options.checkpoint_seconds,
                   "From one save of a running job to the next")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->footer(
      "Ctrl-C stops cleanly and saves; what was saved survives any end of the job, and --resume\n"
      "goes on from it. The file opens with h5py.");
  command->callback([arguments] { label(*arguments); });
}

}  // namespace dovetail
