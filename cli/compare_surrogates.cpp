#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "cli/commands.h"
#include "cli/plot_runner.h"
#include "cli/written_text.h"
#include "cost/surrogate/rivals/comparison.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

struct CompareSurrogatesArguments {
  std::string data, space, hardware, csv, plot;
  ComparisonOptions options;
  TrainingOptions mlp;
  BoostedTreesOptions trees;
};

fs::path space_file(const std::string& given, const SpaceDescription& space) {
  return resolve_config("spaces", given.empty() ? space.name : given);
}

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

std::string table_of(const Comparison& comparison) {
  std::vector<Table::Column> columns = {{"model", Table::Align::kLeft}, {"labels"}};
  for (const PredictedCost& cost : predicted_costs()) {
    columns.push_back({fmt::format("{} MAPE %", cost.figure->name)});
    columns.push_back({"p95 %"});
    columns.push_back({"tau"});
  }
  columns.push_back({"fit s"});
  columns.push_back({"us/prediction"});
  Table table(columns);
  std::size_t labels = 0;
  for (const ComparisonRow& row : comparison.rows) {
    if (labels != 0 && labels != row.labels) table.add_rule();
    labels = row.labels;
    std::vector<std::string> cells = {row.model, std::to_string(row.labels)};
    for (const RegressionMetrics& m : row.costs) {
      cells.push_back(cell(m.mape_percent, 2));
      cells.push_back(cell(m.p95_percent, 2));
      cells.push_back(cell(m.kendall_tau, 4));
    }
    cells.push_back(cell(row.fit_seconds, 2));
    cells.push_back(cell(row.us_per_prediction, 2));
    table.add_row(cells);
  }
  return table.str();
}

void compare_surrogates(CompareSurrogatesArguments arguments) {
  require_plottable(arguments.plot, arguments.csv);
  const Dataset data = Dataset::load(arguments.data);
  const auto& [network, hardware] = std::tie(data.header().network, data.header().hardware);
  const NetworkSpace networks = NetworkSpace::load(space_file(arguments.space, network));
  const DesignSpace accelerators = DesignSpace::load(space_file(arguments.hardware, hardware));
  require_same_space(describe(networks), network, "network", arguments.data);
  require_same_space(describe(accelerators), hardware, "hardware", arguments.data);

  ComparisonOptions& options = arguments.options;
  const std::size_t models = options.models.empty() ? rival_kinds().size() : options.models.size();
  Progress progress("fitting models", models * std::max<std::size_t>(options.labels.size(), 1),
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  std::size_t done = 0;
  const RivalSetup setup{networks, accelerators, arguments.mlp, arguments.trees,
                         [] { return !stop_requested(); }};
  const Comparison comparison = compare_rivals(data, setup, options, [&](const ComparisonRow& row) {
    progress.update(++done, fmt::format("{}, {} labels", row.model, row.labels));
    if (stop_requested()) throw RunError("stopped; nothing was written");
  });
  progress.finish();
  write_text(arguments.csv, [&] { return to_csv(comparison); });
  if (!arguments.plot.empty()) {
    run_plot_script("learning_curve.py", {arguments.csv, "-o", arguments.plot});
  }
  if (quiet()) return;
  fmt::print("{} x {}: errors on {} feasible held-out pairs (seed {})\n\n{}", network.name,
             hardware.name, comparison.held_out_feasible, options.seed, table_of(comparison));
  if (!missing_rivals().empty()) fmt::print("Left out: {}\n", missing_rivals());
  for (const std::string& file : {arguments.csv, arguments.plot}) {
    if (!file.empty()) fmt::print("{}\n", file);
  }
}

}  // namespace

void add_compare_surrogates_command(CLI::App& app) {
  auto* command = app.add_subcommand("compare-surrogates",
                                     "Cost models of a data set side by side, on one split");
  auto arguments = std::make_shared<CompareSurrogatesArguments>();
  ComparisonOptions& options = arguments->options;
  command->add_option("-d,--data", arguments->data, "Data set made by label (HDF5)")->required();
  command
      ->add_option("--labels", options.labels,
                   "Numbers of labels to fit with: 1000,3000,10000 (default: all that are not "
                   "held out)")
      ->delimiter(',');
  command->add_option("--models", options.models, "Which of those below (default: all)")
      ->delimiter(',');
  command->add_option("-o,--output", arguments->csv, "Write the figures as CSV to this file");
  command->add_option(
      "--plot", arguments->plot,
      "Draw the learning curves to this .png, .svg or .pdf; the CSV goes beside it");
  command->add_option("--seed", options.seed, "Of the split and of the fits")
      ->capture_default_str();
  command
      ->add_option("--held-out", options.held_out_fraction,
                   "Share of the pairs that errors are measured on")
      ->capture_default_str();
  command
      ->add_option("--epochs", arguments->mlp.epochs,
                   "Of the MLP with 20000 labels or more; up to 10 times as many with fewer")
      ->capture_default_str();
  command->add_option("--hidden", arguments->mlp.hidden, "Units of each hidden layer of the MLP")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--trees", arguments->trees.rounds, "Boosted trees of each cost")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("-s,--space", arguments->space,
                      "Network space: name or YAML (default: the data set's, by name)");
  command->add_option("--hardware", arguments->hardware,
                      "Design space: name or YAML (default: the data set's, by name)");
  std::string footer = "Models:";
  for (const RivalKind& kind : rival_kinds()) {
    footer += fmt::format("\n  {:14} {}", kind.name, kind.description);
  }
  if (!missing_rivals().empty()) footer += "\n  Left out: " + missing_rivals();
  command->footer(footer +
                  "\nAll run on one processor. Times are wall time; errors do not depend on the "
                  "machine's load.");
  command->callback([arguments] { compare_surrogates(*arguments); });
}

}  // namespace dovetail
