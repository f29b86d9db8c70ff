#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker_pool.h"
#include "cli/commands.h"
#include "cli/plot_runner.h"
#include "cli/surrogate_tables.h"
#include "models/surrogate/predicted_cost.h"
#include "models/surrogate/trainer.h"
#include "nas/labelling.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string model, space, hardware, output, csv, plot;
  std::uint64_t count = 2000;
  LabellingOptions labelling;
};

/// Simulates pairs that are not in any data set.
Dataset label_fresh_pairs(const Arguments& arguments, const Surrogate& model) {
  const auto file_of = [](const std::string& given, const SpaceDescription& space) {
    return resolve_config("spaces", given.empty() ? space.name : given);
  };
  const auto networks = NetworkSpace::load(file_of(arguments.space, model.network_space()));
  const auto accelerators = DesignSpace::load(file_of(arguments.hardware, model.hardware_space()));
  Dataset data = empty_dataset(networks, accelerators, arguments.labelling);
  model.require_spaces(data.header().network, data.header().hardware);
  Progress progress("simulating fresh pairs", arguments.count,
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  label_pairs(data, networks, accelerators, arguments.count, arguments.labelling,
              [&](const Dataset& so_far) {
                progress.update(so_far.rows());
                return !stop_requested();
              });
  if (data.rows() < arguments.count) throw RunError("stopped; nothing was written");
  return data;
}

std::string metrics_json(const Arguments& arguments, const Surrogate& model, const Dataset& data,
                         const SurrogateErrors& errors,
                         const std::vector<UncertaintyCalibration>& uncertainty) {
  nlohmann::ordered_json json;
  json["schema"] = "dovetail.validation/3";
  json["build"] = build_description();
  json["model"] = arguments.model;
  json["network_space"] = model.network_space().name;
  json["hardware_space"] = model.hardware_space().name;
  json["pairs"] = data.rows();
  json["seed"] = arguments.labelling.seed;
  json["streams"] = "2^63 + row";  // kValidationStream
  json["errors"] = nlohmann::ordered_json::parse(to_json_text(errors, model.knows_feasibility()));
  json["members"] = model.members();
  json["uncertainty"] = nlohmann::ordered_json::parse(to_json_text(uncertainty));
  json["training"] = nlohmann::ordered_json::parse(model.report());
  return json.dump(1) + "\n";
}

/// The feasible pairs, for plots.
std::string parity_csv(const Dataset& data, const std::vector<CostPrediction>& predictions) {
  std::vector<std::string> header;
  for (const PredictedCost& cost : predicted_costs()) {
    for (const char* source : {"simulated_", "predicted_"})
      header.push_back(source + std::string(cost.key));
  }
  std::string csv = join(header, ",") + "\n";
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (!data.label(i).feasible()) continue;
    std::vector<std::string> cells;
    for (const PredictedCost& cost : predicted_costs()) {
      cells.push_back(format_number(data.label(i).*cost.label));
      cells.push_back(format_number(predictions[i].*cost.prediction));
    }
    csv += join(cells, ",") + "\n";
  }
  return csv;
}

void require_writable_folder_of(const std::string& file) {
  if (file.empty()) return;
  const fs::path folder = fs::path(file).parent_path();
  require_writable_folder(folder.empty() ? "." : folder);
}

void validate(Arguments arguments) {
  if (!arguments.plot.empty() && arguments.csv.empty()) {
    arguments.csv = fs::path(arguments.plot).replace_extension(".csv").string();
  }
  for (const auto* file : {&arguments.output, &arguments.csv, &arguments.plot}) {
    require_writable_folder_of(*file);
  }
  const Surrogate model = Surrogate::load(arguments.model);
  const Dataset data = label_fresh_pairs(arguments, model);
  std::vector<std::size_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const std::vector<CostPrediction> predictions = predict_rows(model, data, rows);
  const SurrogateErrors errors = measure_errors(data, rows, predictions);
  const auto uncertainty = calibrate_uncertainty(data, rows, predictions);
  if (!arguments.output.empty()) {
    write_file_atomically(arguments.output,
                          metrics_json(arguments, model, data, errors, uncertainty));
  }
  if (!arguments.csv.empty()) write_file_atomically(arguments.csv, parity_csv(data, predictions));
  if (!arguments.plot.empty()) {
    run_plot_script("parity.py", {arguments.csv, "-o", arguments.plot});
  }
  if (quiet()) return;
  fmt::print("{}", errors_table(errors, model.knows_feasibility(), "fresh"));
  if (!uncertainty.empty()) fmt::print("\n{}", uncertainty_table(uncertainty));
  for (const auto* file : {&arguments.output, &arguments.csv, &arguments.plot}) {
    if (!file->empty()) fmt::print("{}\n", *file);
  }
}

}  // namespace

void add_validate_command(CLI::App& app) {
  auto* command = app.add_subcommand("validate", "Check the surrogate against fresh simulations");
  auto arguments = std::make_shared<Arguments>();
  LabellingOptions& labelling = arguments->labelling;
  labelling.first_stream = kValidationStream;
  labelling.workers = available_processors();
  command->add_option("-m,--model", arguments->model, "Model made by train")->required();
  command->add_option("-c,--count", arguments->count, "Pairs to simulate")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  command
      ->add_option("--seed", labelling.seed,
                   "Of the pairs; they come from other streams than those of label, so no seed "
                   "gives a pair of the training data again")
      ->capture_default_str();
  command->add_option("-s,--space", arguments->space,
                      "Network space: name or YAML (default: the model's, by name)");
  command->add_option("--hardware", arguments->hardware,
                      "Design space: name or YAML (default: the model's, by name)");
  command
      ->add_option("-w,--workers", labelling.workers,
                   "Processes that simulate (default: one a processor); changes no figure")
      ->check(CLI::Range(1, 4096));
  command->add_option("-o,--output", arguments->output, "Write the figures as JSON to this file");
  command->add_option(
      "--csv", arguments->csv,
      "Write simulated and predicted latency (ms) and energy (mJ) of the feasible pairs ");
  command->add_option("--plot", arguments->plot,
                      "Draw the parity plot to this .png, .svg or .pdf; its CSV goes beside it");
  command->footer(
      "Draws random pairs, simulates them and compares. Infeasible is the positive class of\n"
      "precision and recall; errors of latency and energy are those of the feasible pairs.");
  command->callback([arguments] { validate(*arguments); });
}

}  // namespace dovetail
