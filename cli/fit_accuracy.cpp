#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/text/error.h"
#include "base/text/shell_words.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "models/accuracy/ridge/accuracy_fit.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

struct FitAccuracyArguments {
  std::string space, data, output;
  MeasurementFormat format;
  std::vector<std::string> columns;  // DECISION=COLUMN
  double above = 0;
  AccuracyFitOptions options;
};

/// The command that makes the same file.
std::string command_of(const FitAccuracyArguments& arguments) {
  std::string command = "dovetail fit-accuracy";
  const auto add = [&](const std::string& option, const std::string& value) {
    command += " " + option + " " + shell_word(value);
  };
  add("--space", arguments.space);
  add("--data", arguments.data);
  if (!arguments.format.accuracy.empty()) add("--accuracy-column", arguments.format.accuracy);
  if (!arguments.format.digits.empty()) add("--digits-column", arguments.format.digits);
  for (const std::string& column : arguments.columns) add("--column", column);
  if (arguments.options.above) add("--above", format_number(*arguments.options.above));
  add("-o", arguments.output);
  add("--seed", std::to_string(arguments.options.seed));
  add("--splits", std::to_string(arguments.options.other_splits));
  return command;
}

void read_columns(FitAccuracyArguments& arguments) {
  for (const std::string& text : arguments.columns) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      throw InputError("--column: found '" + text + "', allowed DECISION=COLUMN");
    }
    arguments.format.columns[text.substr(0, equals)] = text.substr(equals + 1);
  }
}

std::string splits_table(const RidgeModel& model) {
  Table table({{"split seed"}, {"lambda"}, {"pair weight"}, {"RMSE (points)"}, {"Kendall tau"}});
  const auto add = [&](std::uint64_t seed, const RidgePenalty& penalty, const HeldOutError& error) {
    table.add_row({std::to_string(seed), format_number(penalty.lambda),
                   format_number(penalty.pair_weight), fmt::format("{:.4f}", error.rmse_points),
                   fmt::format("{:.4f}", error.kendall_tau)});
  };
  add(model.split_seed, model.penalty, model.held_out_error);
  table.add_rule();
  for (const SplitReport& s : model.other_splits) add(s.seed, s.penalty, s.held_out);
  return table.str();
}

void print_summary(const RidgeModel& model, const MeasuredAccuracies& data,
                   const std::string& file) {
  fmt::print("{} rows, {} networks: {} to fit, {} held out", data.rows, data.networks.size(),
             model.train, model.held_out);
  if (model.left_out) {
    fmt::print(", {} not above {} %", model.left_out->networks, model.left_out->above_percent);
  }
  if (!data.unused_columns.empty()) {
    fmt::print("; columns not used: {}", join(data.unused_columns));
  }
  fmt::print("\n\n");
  fmt::print("Errors on held-out networks (first row: what was written)\n{}", splits_table(model));
  const RandomNetworksReport& r = model.random_networks;
  fmt::print(
      "\nFitted on {:.3f} to {:.3f} % top-1; predictions beyond by more than {:.3f} points are "
      "refused\n{} random networks: median {:.2f}, 1 to 99 % of them {:.2f} to {:.2f}, highest "
      "{:.2f} %; refused {:.2f} %\n",
      model.fitted_min, model.fitted_max, model.margin, r.count, r.p50, r.p1, r.p99, r.max,
      r.refused_percent);
  if (model.left_out) {
    fmt::print(
        "Of the {} networks left out {} are not refused; their error is {:.3f} points (RMSE)\n",
        model.left_out->networks, model.left_out->accepted, model.left_out->accepted_rmse_points);
  }
  fmt::print("{}\n", file);
}

void fit(FitAccuracyArguments arguments) {
  read_columns(arguments);
  const std::filesystem::path folder = std::filesystem::path(arguments.output).parent_path();
  require_writable_folder(folder.empty() ? "." : folder);
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", arguments.space));
  const MeasuredAccuracies data = read_measured_accuracies(arguments.data, space, arguments.format);
  Progress progress("fitting splits", arguments.options.other_splits + 1,
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  RidgeModel model =
      fit_accuracy(data, space, arguments.options, [&](std::size_t done, std::size_t) {
        progress.update(done);
        if (stop_requested()) {
          throw RunError("stopped; nothing was written");
        }
      });
  progress.finish();
  model.data = arguments.data;
  model.command = command_of(arguments);
  write_file_atomically(arguments.output, model.to_json());
  if (!quiet()) print_summary(model, data, arguments.output);
}

}  // namespace

void add_fit_accuracy_command(CLI::App& app) {
  auto* command = app.add_subcommand("fit-accuracy",
                                     "Fit an accuracy predictor to measured networks of a space");
  auto arguments = std::make_shared<FitAccuracyArguments>();
  command->add_option("--space", arguments->space, "Network space: name or YAML")->required();
  command
      ->add_option("--data", arguments->data,
                   "Measured networks: CSV, or JSON as NAS-Bench-Macro publishes it")
      ->required();
  command->add_option("--accuracy-column", arguments->format.accuracy,
                      "Column with the accuracy in percent (default: top1; JSON: mean_acc)");
  command->add_option("--column", arguments->columns,
                      "DECISION=COLUMN, for each decision that is not called like its column");
  command->add_option("--digits-column", arguments->format.digits,
                      "Column with one digit for each decision, the number of its choice from 0,\n"
                      "instead of a column for each decision");
  auto* above = command
                    ->add_option("--above", arguments->above,
                                 "Fit only networks with more top-1 than this (percent)")
                    ->check(CLI::Range(0.0, 100.0));
  command
      ->add_option("-o,--output", arguments->output,
                   "Predictor (JSON), for example configs/accuracy/ofa_mbv3.json")
      ->required();
  command->add_option("--seed", arguments->options.seed, "Of the split into fitted and held out")
      ->capture_default_str();
  command
      ->add_option("--splits", arguments->options.other_splits,
                   "Further splits, only to report how much the held-out error varies")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command->footer(
      "Ridge regression on one-hot choices and their pair products. Four fifths of the distinct\n"
      "networks are fitted; penalties are chosen by cross-validation among them. See\n"
      "docs/accuracy.md.");
  command->callback([arguments, above] {
    if (above->count() > 0) arguments->options.above = arguments->above;
    fit(*arguments);
  });
}

}  // namespace dovetail
