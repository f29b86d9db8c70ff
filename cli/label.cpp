#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/process/mpi_launch.h"
#include "base/process/mpi_link.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/shell_words.h"
#include "cli/commands.h"
#include "cli/service_option.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/data/pair_columns.h"

namespace dovetail {
namespace {

struct LabelArguments {
  std::string space, hardware = "nahas_edge", output, service, pairs;
  std::uint64_t count = 0;
  bool workers_given = false;
  LabelFileOptions options;
};

NetworkSpace network_space(const LabelArguments& arguments) {
  return NetworkSpace::load(resolve_config("spaces", arguments.space));
}

DesignSpace design_space(const LabelArguments& arguments) {
  return DesignSpace::load(resolve_config("spaces", arguments.hardware));
}

void print_summary(const Dataset& data, const std::string& file) {
  std::map<InfeasibleReason, std::size_t> rows_of;
  for (std::size_t i = 0; i < data.rows(); ++i) ++rows_of[data.label(i).reason];
  fmt::print("{}: {} pairs of {} x {}, {} feasible, fingerprint {}\n", file, data.rows(),
             data.header().network.name, data.header().hardware.name,
             rows_of[InfeasibleReason::kNone], data.fingerprint());
  for (const auto& [reason, rows] : rows_of) {
    if (reason == InfeasibleReason::kNone) continue;
    fmt::print("  infeasible, {}: {} ({:.1f} %)\n", to_string(reason), rows,
               100 * static_cast<double>(rows) / static_cast<double>(data.rows()));
  }
}

std::string command_to_go_on(const LabelArguments& arguments) {
  const LabellingOptions& labelling = arguments.options.labelling;
  std::vector<std::string> words{"dovetail",      "label",      "-s",
                                 arguments.space, "--hardware", arguments.hardware};
  if (arguments.pairs.empty()) {
    words.insert(words.end(),
                 {"-c", std::to_string(arguments.count), "--seed", std::to_string(labelling.seed)});
  } else {
    words.insert(words.end(), {"--pairs", arguments.pairs});
  }
  if (labelling.technology != LabellingOptions().technology) {
    words.insert(words.end(), {"--technology", labelling.technology});
  }
  if (!arguments.service.empty()) words.insert(words.end(), {"--service", arguments.service});
  words.insert(words.end(), {"-o", arguments.output, "--resume"});
  return shell_words(words);
}

/// `run`: who simulates, if not processes of this machine.
void label(LabelArguments arguments, const TaskRunner& run) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  const NetworkSpace networks = network_space(arguments);
  const DesignSpace accelerators = design_space(arguments);
  if (!arguments.pairs.empty()) {
    arguments.options.labelling.pairs = read_pairs(arguments.pairs, networks, accelerators);
    arguments.count = arguments.options.labelling.pairs.size();
  }
  std::optional<Progress> progress;  // from when the work begins
  std::string saved;
  const auto show = [&](const Dataset& so_far, bool at_once) {
    if (!progress) {
      progress.emplace("labelling pairs", arguments.count,
                       quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
      progress->go_on_from(so_far.rows());
    }
    progress->update(so_far.rows(), saved, at_once);
  };
  LabelFileOptions options = arguments.options;
  options.labelling.run = run;
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
    throw RunError(fmt::format("{}; {} of {} pairs are saved in {}. To go on: {}", stopped_text(),
                               data.rows(), arguments.count, arguments.output,
                               command_to_go_on(arguments)));
  }
  if (!quiet()) print_summary(data, arguments.output);
}

constexpr int kStopped = 1;  // exit code

/// Rank 0 labels with the help of the others. Returns the exit code.
int label_on_ranks(const LabelArguments& arguments, const MpiLaunch& launch) {
  // A signal to the whole job is for rank 0 to answer; the others serve it until it ends.
  if (stop_requested()) return kStopped;
  const auto link = connect_mpi(launch);
  if (link->rank() == 0) {
    RankPool pool(*link);
    try {
      label(arguments, [&](const Tasks& tasks) { return pool.run(tasks); });
      return 0;
    } catch (const std::exception& e) {
      // Said before the ranks are ended in order: if one of them has died there will be no after.
      return report_failure(e);
    }
  }
  std::optional<NetworkSpace> networks;
  std::optional<DesignSpace> accelerators;
  serve_ranks(*link, [&](const std::string& job) {
    networks = network_space(arguments);
    accelerators = design_space(arguments);
    return labelling_work(job, *networks, *accelerators, arguments.options.labelling);
  });
  return 0;
}

void run_label(const LabelArguments& arguments) {
  if (arguments.pairs.empty() && arguments.count == 0) {
    throw InputError("label: --count N of random pairs is wanted, or --pairs FILE");
  }
  const auto launch = mpi_launch();
  if (!launch) {
    return label(arguments, service_runner(arguments.service, arguments.options.labelling.workers));
  }
  if (!arguments.service.empty()) {
    throw InputError("--service: these are processes of an MPI job, which simulate themselves");
  }
  if (arguments.workers_given) {
    throw InputError(fmt::format(
        "--workers: this is one of {} processes started together ({}), each of which is a worker",
        launch->processes, launch->variable));
  }
  if (const int code = label_on_ranks(arguments, *launch); code != 0) throw CLI::RuntimeError(code);
}

}  // namespace

void add_label_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("label", "Simulate random (network, accelerator) pairs into a data set");
  auto arguments = std::make_shared<LabelArguments>();
  LabellingOptions& labelling = arguments->options.labelling;
  labelling.workers = available_processors();
  command->add_option("-s,--space", arguments->space, "Network space: name or YAML")->required();
  command->add_option("--hardware", arguments->hardware, "Design space: name or YAML")
      ->capture_default_str();
  auto* count =
      command->add_option("-c,--count", arguments->count, "Random pairs in the finished file")
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command->add_option("-o,--output", arguments->output, "Data set (HDF5); replaced if it exists")
      ->required();
  auto* seed =
      command->add_option("--seed", labelling.seed, "Pair i depends on this seed and i alone")
          ->capture_default_str();
  command
      ->add_option("--pairs", arguments->pairs,
                   "Instead of random pairs those of a CSV file, with the columns of 'dovetail "
                   "dataset export-csv': network.DECISION and hardware.DECISION")
      ->excludes(count)
      ->excludes(seed);
  auto* workers =
      command
          ->add_option("-w,--workers", labelling.workers,
                       "Processes that simulate (default: one a processor); changes no byte")
          ->check(CLI::Range(1, 4096));
  command
      ->add_option("--technology", labelling.technology,
                   "Technology of areas and energies: name or YAML")
      ->capture_default_str();
  add_service_option(*command, arguments->service);
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
      "goes on from it. The file opens with h5py. On several machines, one process a core, of "
      "which\n"
      "the first writes the file (the same bytes as here):\n"
      "  mpirun -n 64 --hostfile hosts dovetail label -s SPACE -c COUNT -o FILE");
  command->callback([arguments, workers] {
    arguments->workers_given = workers->count() > 0;
    run_label(*arguments);
  });
}

}  // namespace dovetail
