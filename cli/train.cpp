#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/surrogate_tables.h"
#include "models/surrogate/trainer.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string data, output;
  TrainingOptions options;
};

void train(const Arguments& arguments) {
  namespace fs = std::filesystem;
  const fs::path model_file = arguments.output;
  const fs::path report_file = fs::path(model_file).replace_extension(".report.json");
  arguments.options.validate();
  require_writable_folder(model_file.has_parent_path() ? model_file.parent_path() : ".");
  const Dataset data = Dataset::load(arguments.data);
  Progress progress("training epochs", arguments.options.epochs,
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  const TrainedSurrogate trained = train_surrogate(
      data, arguments.options, [&](std::size_t epoch, const SurrogateErrors& errors) {
        progress.update(epoch, errors.summary());
        return !stop_requested();
      });
  progress.finish();
  trained.model.save(model_file);
  write_file_atomically(report_file, trained.report.to_json(arguments.options, true));
  if (quiet()) return;
  const TrainingReport& r = trained.report;
  fmt::print("{} pairs: {} to train, {} to pick the epoch ({} of {}), {} held out (seed {})\n\n{}",
             r.rows, r.train, r.validation, r.best_epoch, arguments.options.epochs, r.held_out,
             arguments.options.seed, errors_table(r.errors, r.knows_feasibility, "held out"));
  fmt::print("\n{:.1f} s\nWritten:\n  {}\n  {}\n", r.seconds, model_file.string(),
             report_file.string());
}

void add_options(CLI::App* command, TrainingOptions& options) {
  command->add_option("--epochs", options.epochs, "Passes over the training part")
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
  command->add_option("-d,--data", arguments->data, "Data set made by label (HDF5)")->required();
  command->add_option("-o,--output", arguments->output, "Model file (HDF5), for example model.h5")
      ->required();
  add_options(command, arguments->options);
  command->footer(
      "Writes the model and, beside it, NAME.report.json: split, options and held-out errors.\n"
      "Runs on one processor; the same data and options give the same model.");
  command->callback([arguments] { train(*arguments); });
}

}  // namespace dovetail
