#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/worker_pool.h"
#include "cli/commands.h"
#include "cli/surrogate_tables.h"
#include "models/surrogate/training_files.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string data, output;
  TrainingOptions options;
  bool resume = false;
  double checkpoint_seconds = CheckpointOptions{}.seconds;
  int workers = 1;
};

/// What --resume needs to go on from where this training stopped.
std::string resuming_command(const Arguments& arguments) {
  return fmt::format("dovetail train -d {} -o {} --resume, with the same options", arguments.data,
                     arguments.output);
}

void print_report(const TrainingReport& r, const TrainingOptions& options,
                  const TrainingFiles& files) {
  std::vector<std::string> epochs;
  for (const MemberOutcome& member : r.members) epochs.push_back(std::to_string(member.best_epoch));
  fmt::print("{} pairs: {} to train, {} to pick the epoch ({} of {}), {} held out (seed {})\n\n{}",
             r.rows, r.train, r.validation, join(epochs), options.epochs, r.held_out, options.seed,
             errors_table(r.errors, r.knows_feasibility, "held out"));
  if (r.members.size() > 1) {
    fmt::print("\n{} members together: {:.3f} % mean error of the costs; one alone: {:.3f} %\n\n{}",
               r.members.size(), r.errors.mean_mape_percent(), r.member_mape_percent,
               uncertainty_table(r.uncertainty));
  }
  fmt::print("\n{:.1f} s of training\nWritten:\n  {}\n  {}\n", r.seconds(), files.model.string(),
             files.report.string());
}

void train(const Arguments& arguments) {
  const TrainingFiles files = TrainingFiles::of(arguments.output);
  arguments.options.validate();
  require_writable_file(files.model);
  const Dataset data = Dataset::load(arguments.data);
  Progress progress("training epochs", arguments.options.epochs * arguments.options.ensemble,
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  TrainingControl control;
  control.on_epoch = [&](std::size_t done, const SurrogateErrors* errors) {
    progress.update(done, errors ? errors->summary() : "");
  };
  control.keep_going = [] { return !stop_requested(); };
  control.checkpoint.seconds = arguments.checkpoint_seconds;
  control.workers = arguments.workers;
  std::optional<TrainingReport> report;
  try {
    report = train_into_files(files, data, arguments.options, arguments.resume, control);
  } catch (const RunError& e) {
    if (!stop_requested()) throw;
    throw RunError(fmt::format("{}. To go on: {}", e.what(), resuming_command(arguments)));
  }
  progress.finish();
  if (quiet()) return;
  if (report) {
    print_report(*report, arguments.options, files);
  } else {
    fmt::print("{} is trained already; nothing to go on with\n", files.model.string());
  }
}

void add_options(CLI::App* command, TrainingOptions& options) {
  command->add_option("--epochs", options.epochs, "Passes over the training part")
      ->capture_default_str();
  command
      ->add_option(
          "--ensemble", options.ensemble,
          "Networks that differ by the seed; they give an uncertainty with each prediction")
      ->capture_default_str();
  command->add_option("--hidden", options.hidden, "Units of each hidden layer (256,256,256)")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--batch", options.batch, "Pairs in one step")->capture_default_str();
  command
      ->add_option("--learning-rate", options.learning_rate,
                   "Of Adam, at the start; falls along half a cosine to a hundredth")
      ->capture_default_str();
  command
      ->add_option("--weight-decay", options.weight_decay, "Decoupled, per unit of learning rate")
      ->capture_default_str();
  command->add_option("--dropout", options.dropout, "Share of hidden units dropped in training")
      ->capture_default_str();
  command
      ->add_option("--latency-weight", options.latency_weight,
                   "Of the latency loss against the feasibility loss")
      ->capture_default_str();
  command->add_option("--energy-weight", options.energy_weight, "Of the energy loss, likewise")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Of the split, the start and the order of pairs")
      ->capture_default_str();
  command->add_option("--validation", options.validation_fraction, "Share that picks the epoch")
      ->capture_default_str();
  command
      ->add_option("--held-out", options.held_out_fraction,
                   "Share that only the reported errors are measured on")
      ->capture_default_str();
}

}  // namespace

void add_train_command(CLI::App& app) {
  auto* command = app.add_subcommand("train", "Fit the surrogate to a data set");
  auto arguments = std::make_shared<Arguments>();
  arguments->workers = available_processors();
  command->add_option("-d,--data", arguments->data, "Data set made by label (HDF5)")->required();
  command->add_option("-o,--output", arguments->output, "Model file (HDF5), for example model.h5")
      ->required();
  add_options(command, arguments->options);
  command->add_flag("--resume", arguments->resume,
                    "Go on from the checkpoint of a training that was stopped or killed");
  command
      ->add_option("-w,--workers", arguments->workers,
                   "Processes that train an ensemble (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  command
      ->add_option("--checkpoint-seconds", arguments->checkpoint_seconds,
                   "From one checkpoint to the next")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->footer(
      "Writes the model and, beside it, NAME.report.json: split, options and held-out errors.\n"
      "While it runs its state is in NAME.checkpoint.h5; Ctrl-C stops cleanly and saves it, and\n"
      "--resume with the same data and options goes on to the same model, byte for byte.\n"
      "A network is trained by one processor; the same data and options give the same model.");
  command->callback([arguments] { train(*arguments); });
}

}  // namespace dovetail
