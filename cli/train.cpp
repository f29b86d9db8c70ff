#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/shell_words.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "cli/surrogate_tables.h"
#include "cli/tuning.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/roofline/roofline_baseline.h"
#include "cost/surrogate/training/proposal.h"
#include "cost/surrogate/training/training_files.h"
#include "cost/surrogate/training/training_run.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr const char* kPlain = "plain";

struct TrainArguments {
  std::string data, output, base;
  std::string fine_tune, correct;  // files of measurements
  TuningArguments tuning;          // with one of them
  std::size_t proposed = 0;        // pairs of --propose
  std::string form = kPlain;
  TrainingOptions options;
  bool resume = false;
  double checkpoint_seconds = CheckpointOptions{}.seconds;
  int workers = 1;
};

/// The roofline of the data's spaces.
std::shared_ptr<const RooflineBaseline> baseline_of(const TuningArguments& given,
                                                    const Dataset& data, const std::string& file,
                                                    RooflineRoof roof) {
  const auto file_of = [](const std::string& name, const SpaceDescription& space) {
    return resolve_config("spaces", name.empty() ? space.name : name);
  };
  const DatasetHeader& header = data.header();
  const auto networks = NetworkSpace::load(file_of(given.space, header.network));
  const auto accelerators = DesignSpace::load(file_of(given.hardware, header.hardware));
  require_same_space(describe(networks), header.network, "network", file);
  require_same_space(describe(accelerators), header.hardware, "hardware", file);
  return make_roofline_baseline(networks, accelerators, header.technology, roof);
}

/// What --resume needs to go on from where this training stopped.
std::string resuming_command(const TrainArguments& arguments) {
  return fmt::format("dovetail train -d {} -o {} --resume, with the same options",
                     shell_word(arguments.data), shell_word(arguments.output));
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

void train(const TrainArguments& arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  const TrainingFiles files = TrainingFiles::of(arguments.output);
  arguments.options.validate();
  claim_model_files(files);
  for (std::size_t m = 0; m < arguments.options.ensemble; ++m) {
    require_no_input(checkpoint_of_member(files.checkpoint, m));
  }
  require_writable_file(files.model);
  const Dataset data = Dataset::load(arguments.data);
  TrainingOptions options = arguments.options;
  if (const std::optional<RooflineRoof> roof = roof_of_form(arguments.form)) {
    options.baseline = baseline_of(arguments.tuning, data, arguments.data, *roof);
  }
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
    report = train_into_files(files, data, options, arguments.resume, control);
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

void propose(const TrainArguments& arguments) {
  require_no_input(arguments.output);
  require_writable_file(arguments.output);
  const Surrogate model = Surrogate::load(arguments.base);
  const ProposedPairs pairs =
      propose_measurements(model, arguments.proposed, arguments.options.seed);
  write_file_atomically(arguments.output, measurement_plan(model, pairs));
  if (quiet()) return;
  std::vector<std::string> columns;
  for (const PredictedCost& cost : predicted_costs()) {
    columns.push_back(fmt::format("{} [{}]", cost.figure->key, cost.figure->unit));
  }
  fmt::print(
      "{} pairs to measure\nWritten:\n  {}\nFill in {}, or one of them; "
      "then: dovetail train --fine-tune {} -m {} -o TUNED\n",
      pairs.network.size(), arguments.output, join(columns, " and "), shell_word(arguments.output),
      shell_word(arguments.base));
}

/// Of a way of use that needs a model: nothing of the others.
void require_use(const CLI::App& command, const TrainArguments& arguments, const std::string& use,
                 const std::vector<std::string>& further) {
  if (arguments.base.empty()) {
    throw InputError(fmt::format("train: {} needs --model, what to tune", use));
  }
  std::vector<std::string> allowed = {use, "--model", "--output"};
  allowed.insert(allowed.end(), further.begin(), further.end());
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() > 0 && std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      throw InputError(fmt::format("train: {} does not go with {}", name, use));
    }
  }
}

/// Trains, tunes, corrects or proposes, which have different options.
void train_tune_or_propose(const CLI::App& command, const TrainArguments& arguments) {
  TuningArguments tuning = arguments.tuning;
  tuning.model = arguments.base;
  tuning.output = arguments.output;
  if (!arguments.fine_tune.empty()) {
    require_use(command, arguments, "--fine-tune", {"--check"});
    tuning.measurements = arguments.fine_tune;
    return fine_tune_model(tuning);
  }
  if (!arguments.correct.empty()) {
    require_use(command, arguments, "--correct", {"--check", "--space", "--hardware"});
    tuning.measurements = arguments.correct;
    return correct_simulator(tuning);
  }
  if (arguments.proposed > 0) {
    require_use(command, arguments, "--propose", {"--seed"});
    return propose(arguments);
  }
  if (arguments.data.empty()) {
    throw InputError("train: --data, --fine-tune, --correct or --propose is needed");
  }
  if (!arguments.base.empty() || !tuning.check.empty()) {
    throw InputError(
        "train: --model and --check go with --fine-tune and --correct, --model with --propose too");
  }
  if (arguments.form == kPlain && (!tuning.space.empty() || !tuning.hardware.empty())) {
    throw InputError("train: --space and --hardware go with --correct and a residual --form");
  }
  train(arguments);
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
  command->add_option("--batch", options.batch, "Pairs in one step; 512 suits 500,000 labels")
      ->capture_default_str();
  command
      ->add_option("--learning-rate", options.learning_rate,
                   "Of Adam, at the start; falls along half a cosine to a hundredth")
      ->capture_default_str();
  command
      ->add_option("--weight-decay", options.weight_decay,
                   "Decoupled, per unit of learning rate; 0.05 suits 500,000 labels")
      ->capture_default_str();
  command->add_option("--dropout", options.dropout, "Share of hidden units dropped in training")
      ->capture_default_str();
  command
      ->add_option("--latency-weight", options.latency_weight,
                   "Of the latency loss against the feasibility loss")
      ->capture_default_str();
  command->add_option("--energy-weight", options.energy_weight, "Of the energy loss, likewise")
      ->capture_default_str();
  command->add_flag("--area-head", options.area_head,
                    "Learn the area, too (as NAHAS does); without it areas are exact");
  command
      ->add_option(
          "--seed", options.seed,
          "Of the split, the start and the order of pairs; of what --propose chooses among")
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
  auto arguments = std::make_shared<TrainArguments>();
  arguments->workers = available_processors();
  command->add_option("-d,--data", arguments->data, "Data set made by label (HDF5)");
  command
      ->add_option("-o,--output", arguments->output,
                   "Model file (HDF5), for example model.h5; of --propose the CSV")
      ->required();
  command->add_option("--fine-tune", arguments->fine_tune,
                      "Correct a model by these measurements (CSV) instead of training one");
  command->add_option(
      "--correct", arguments->correct,
      "Instead: correct the simulator by these measurements, for cost.correction of "
      "a study");
  command
      ->add_option("--propose", arguments->proposed,
                   "Instead: which so many pairs to measure for --fine-tune (CSV to be filled in)")
      ->check(CLI::Range(std::size_t{1}, kMostProposed));
  command->add_option("-m,--model", arguments->base,
                      "Model to tune, or in whose features to correct; it is not changed");
  command->add_option("--check", arguments->tuning.check,
                      "Other measurements (CSV), to show errors before and after");
  command->add_option(
      "-s,--space", arguments->tuning.space,
      "With --correct and --form residual: the network space of the model or data, if "
      "its file is not in configs/spaces");
  command->add_option("--hardware", arguments->tuning.hardware, "Likewise its hardware space");
  command
      ->add_option(
          "--form", arguments->form,
          "plain: the network gives the costs; residual: their ratios to a roofline of the "
          "pair; residual_compute: to its compute roof alone")
      ->check(CLI::IsMember({std::string(kPlain), form_of_roof(RooflineRoof::kComputeAndIo),
                             form_of_roof(RooflineRoof::kCompute)}))
      ->capture_default_str();
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
      "--fine-tune and --correct want a CSV as dataset export-csv writes it: a column for each "
      "decision\n"
      "(network.NAME, hardware.NAME), latency_ms or energy_mj or both, a line a measurement.\n"
      "Writes the model and, beside it, NAME.report.json: split, options and held-out errors.\n"
      "While it runs its state is in NAME.checkpoint.h5; Ctrl-C stops cleanly and saves it, and\n"
      "--resume with the same data and options goes on to the same model, byte for byte.\n"
      "A network is trained by one processor; the same data and options give the same model.");
  command->callback([arguments, command] { train_tune_or_propose(*command, *arguments); });
}

}  // namespace dovetail
