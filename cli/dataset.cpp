#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/bare_command.h"
#include "cli/commands.h"
#include "cost/surrogate/data/dataset_tools.h"

namespace dovetail {
namespace {

struct DatasetArguments {
  std::string file, output;
  std::vector<std::string> files, outputs;
  std::vector<double> fractions = {0.9};
  std::uint64_t seed = 0;
  bool drop_repeated = false;
};

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string describe_space(const SpaceDescription& space) {
  return fmt::format("{} ({} decisions, {:.3g} points)", space.name, space.decisions.size(),
                     space.decisions.cardinality());
}

std::string seed_line(const Dataset& data, const DatasetSummary& summary) {
  const std::uint64_t seed = data.header().seed;
  if (summary.rows_in_seed_order == summary.rows) {
    return fmt::format("{} (row i is its pair i)", seed);
  }
  return fmt::format("{} (row {} is not its pair {}: merged, split or cut)", seed,
                     summary.rows_in_seed_order, summary.rows_in_seed_order);
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "-";
}

void print_info(const Dataset& data, const std::string& file) {
  const DatasetSummary summary = summarize(data);
  const DatasetHeader& header = data.header();
  Table table({{"data set", Table::Align::kLeft}, {file, Table::Align::kLeft}});
  table.add_row({"schema", sealed_schema(file)});
  table.add_row({"checksum", data.fingerprint() + ", verified"});
  table.add_row({"network space", describe_space(header.network)});
  table.add_row({"hardware space", describe_space(header.hardware)});
  table.add_row({"technology", header.technology});
  table.add_row({"simulator", header.simulator});
  table.add_row({"simulator probe", header.simulator_probe.empty() ? "none (made by an older build)"
                                                                   : header.simulator_probe});
  table.add_row({"seed", seed_line(data, summary)});
  table.add_row(
      {"rows", fmt::format("{} ({} distinct pairs)", summary.rows, summary.distinct_pairs)});
  table.add_row({"feasible", fmt::format("{} ({})", summary.feasible,
                                         percent(summary.feasible, summary.rows))});
  for (const auto& [reason, rows] : summary.rows_of_reason) {
    if (reason == InfeasibleReason::kNone) continue;
    table.add_row({"infeasible, " + to_string(reason),
                   fmt::format("{} ({})", rows, percent(rows, summary.rows))});
  }
  Table ranges({{"metric", Table::Align::kLeft},
                {"unit", Table::Align::kLeft},
                {"rows"},
                {"least"},
                {"median"},
                {"most"}});
  for (const FigureRange& r : summary.ranges) {
    ranges.add_row({r.figure->key, r.figure->unit, std::to_string(r.rows), number(r.least),
                    number(r.median), number(r.most)});
  }
  fmt::print("{}\n{}", table.str(), ranges.str());
}

void info(const DatasetArguments& arguments) {
  bool first = true;
  for (const std::string& file : arguments.files) {
    const Dataset data = Dataset::load(file);
    if (quiet()) continue;
    if (!first) fmt::print("\n");
    print_info(data, file);
    first = false;
  }
}

void print_written(const Dataset& data, const std::string& file) {
  if (quiet()) return;
  fmt::print("{}: {} rows, {} feasible, fingerprint {}\n", file, data.rows(), data.feasible_rows(),
             data.fingerprint());
}

void merge(const DatasetArguments& arguments) {
  require_writable_file(arguments.output);
  std::vector<NamedDataset> parts;
  for (const std::string& file : arguments.files) parts.push_back({file, Dataset::load(file)});
  Dataset merged = merge_datasets(
      parts, arguments.drop_repeated ? RepeatedPairs::kDrop : RepeatedPairs::kRefuse);
  merged.save(arguments.output);
  print_written(merged, arguments.output);
}

void split(const DatasetArguments& arguments) {
  const std::size_t parts = arguments.fractions.size() + 1;
  if (arguments.outputs.size() != parts) {
    throw InputError(
        fmt::format("--output: found {} files, allowed {}: one for each fraction and "
                    "one for the rest",
                    arguments.outputs.size(), parts));
  }
  for (const std::string& file : arguments.outputs) require_writable_file(file);
  const Dataset data = Dataset::load(arguments.file);
  const auto rows = split_rows(data, arguments.fractions, arguments.seed);
  for (std::size_t k = 0; k < parts; ++k) {
    if (!rows[k].empty()) continue;
    throw InputError(Location{arguments.file},
                     fmt::format("its {} rows leave part {} without a row", data.rows(), k + 1));
  }
  std::vector<Dataset> datasets;
  for (std::size_t k = 0; k < parts; ++k) datasets.push_back(select_rows(data, rows[k]));
  save_all(datasets, arguments.outputs);
  for (std::size_t k = 0; k < parts; ++k) print_written(datasets[k], arguments.outputs[k]);
}

void write_csv(const DatasetArguments& arguments) {
  require_writable_file(arguments.output);
  const Dataset data = Dataset::load(arguments.file);
  export_csv(data, arguments.output);
  if (!quiet()) fmt::print("{}: {} rows\n", arguments.output, data.rows());
}

}  // namespace

void add_dataset_command(CLI::App& app) {
  auto* command = app.add_subcommand("dataset", "Look into, merge, split or export data sets");
  print_help_if_bare(*command);
  auto arguments = std::make_shared<DatasetArguments>();

  auto* show = command->add_subcommand("info", "What is in a data set; checks the whole file");
  show->add_option("files", arguments->files, "Data sets made by label (HDF5)")->required();
  show->callback([arguments] { info(*arguments); });

  auto* join = command->add_subcommand("merge", "One data set of several, row after row");
  join->add_option("files", arguments->files, "Data sets of the same spaces and simulator")
      ->required();
  join->add_option("-o,--output", arguments->output, "Data set to write")->required();
  join->add_flag("--drop-repeated", arguments->drop_repeated,
                 "Keep the first row of each pair rather than refuse files that share pairs");
  join->footer(
      "Files of one seed hold the same pairs: label each with a seed of its own. The result has\n"
      "the seed of the first file.");
  join->callback([arguments] { merge(*arguments); });

  auto* part = command->add_subcommand("split", "Deal the pairs of a data set out to several");
  part->add_option("file", arguments->file, "Data set")->required();
  part->add_option("-f,--fraction", arguments->fractions,
                   "Share of the pairs of each file but the last, which gets the rest (0.8,0.1)")
      ->delimiter(',')
      ->capture_default_str();
  part->add_option("--seed", arguments->seed, "Of the random choice")->capture_default_str();
  part->add_option("-o,--output", arguments->outputs, "Data sets to write: train.h5 test.h5")
      ->required();
  part->footer("Equal pairs stay together, so that no part holds a pair of another.");
  part->callback([arguments] { split(*arguments); });

  auto* csv = command->add_subcommand("export-csv", "Decisions and metrics as a CSV file");
  csv->add_option("file", arguments->file, "Data set")->required();
  csv->add_option("-o,--output", arguments->output, "CSV file to write")->required();
  csv->footer(
      "Lines before the header open with '#' and give the units (pandas: comment='#'). Metrics of\n"
      "infeasible pairs are empty.");
  csv->callback([arguments] { write_csv(*arguments); });
}

}  // namespace dovetail
