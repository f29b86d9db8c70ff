#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/progress.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/commands.h"
#include "models/network/network_space.h"
#include "nas/accuracy/accuracy_fit.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string space, data, output;
  AccuracyFitOptions options;
};

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
  fmt::print("{} rows, {} networks: {} to fit, {} held out; columns not used: {}\n\n", model.rows,
             model.networks, model.train, model.held_out, join(data.unused_columns));
  fmt::print("Errors on held-out networks (first row: what was written)\n{}", splits_table(model));
  const RandomNetworksReport& r = model.random_networks;
  fmt::print(
      "\nFitted on {:.3f} to {:.3f} % top-1; predictions beyond by more than {:.3f} points are "
      "refused\n{} random networks: median {:.2f}, 1 to 99 % of them {:.2f} to {:.2f}, highest "
      "{:.2f} %; refused {:.2f} %\n{}\n",
      model.fitted_min, model.fitted_max, model.margin, r.count, r.p50, r.p1, r.p99, r.max,
      r.refused_percent, file);
}

void fit(const Arguments& arguments) {
  const std::filesystem::path folder = std::filesystem::path(arguments.output).parent_path();
  require_writable_folder(folder.empty() ? "." : folder);
  const NetworkSpace space = NetworkSpace::load(resolve_config("spaces", arguments.space));
  const MeasuredAccuracies data = read_measured_accuracies(arguments.data, space);
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
  model.command = fmt::format(
      "dovetail fit-accuracy --space {} --data {} -o {} --seed {} --splits {}", arguments.space,
      arguments.data, arguments.output, arguments.options.seed, arguments.options.other_splits);
  write_file_atomically(arguments.output, model.to_json());
  if (!quiet()) print_summary(model, data, arguments.output);
}

}  // namespace

void add_fit_accuracy_command(CLI::App& app) {
  auto* command = app.add_subcommand("fit-accuracy",
                                     "Fit an accuracy predictor to measured networks of a space");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--space", arguments->space, "Network space: name or YAML")->required();
  command
      ->add_option("--data", arguments->data,
                   "CSV with a column for each decision of the space and top1 (percent)")
      ->required();
  command
      ->add_option("-o,--output", arguments->output,
                   "Predictor (JSON), for example configs/accuracy/ofa_mbv3.json")
      ->required();
  command->add_option("--seed", arguments->options.seed, "Of the split into fitted and held out")
      ->capture_default_str();
  command
      ->add_option("--splits", arguments->options.other_splits,
                   "Further splits, only to report how much the held-out error varies")
      ->capture_default_str();
  command->footer(
      "Ridge regression on one-hot choices and their pair products. Four fifths of the distinct\n"
      "networks are fitted; penalties are chosen by cross-validation among them. See\n"
      "docs/surrogate.md.");
  command->callback([arguments] { fit(*arguments); });
}

}  // namespace dovetail
