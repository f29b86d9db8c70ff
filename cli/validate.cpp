#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/version.h"
#include "cli/commands.h"
#include "cli/plot_runner.h"
#include "cli/service_option.h"
#include "cli/surrogate_tables.h"
#include "cli/written_text.h"
#include "cost/surrogate/data/labelling.h"
#include "cost/surrogate/validation/validation.h"

namespace dovetail {
namespace {

struct ValidateArguments {
  std::string model, space, hardware, output, csv, plot, service;
  std::uint64_t count = 2000;
  std::size_t worst = 10;
  LabellingOptions labelling;
};

/// Simulates pairs that are not in any data set.
Dataset label_fresh_pairs(const ValidateArguments& arguments, const Surrogate& model,
                          const NetworkSpace& networks, const DesignSpace& accelerators) {
  Dataset data = empty_dataset(networks, accelerators, arguments.labelling);
  model.require_spaces(data.header().network, data.header().hardware);
  Progress progress("simulating fresh pairs", arguments.count,
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  label_pairs(data, networks, accelerators, arguments.count, arguments.labelling,
              [&](const Dataset& so_far) {
                progress.update(so_far.rows());
                return !stop_requested();
              });
  if (data.rows() < arguments.count) throw RunError(stopped_text() + "; nothing was written");
  return data;
}

std::string metrics_json(const ValidateArguments& arguments, const Surrogate& model,
                         const Validation& validation) {
  using nlohmann::ordered_json;
  const bool knows_feasibility = model.knows_feasibility();
  ordered_json json;
  json["schema"] = "dovetail.validation/4";
  json["build"] = build_description();
  json["model"] = arguments.model;
  json["network_space"] = model.network_space().name;
  json["hardware_space"] = model.hardware_space().name;
  json["technology"] = arguments.labelling.technology;
  json["pairs"] = arguments.count;
  json["seed"] = arguments.labelling.seed;
  json["streams"] = "2^63 + row";  // kValidationStream
  json["errors"] = ordered_json::parse(to_json_text(validation.errors, knows_feasibility));
  json["members"] = model.members();
  json["uncertainty"] = ordered_json::parse(to_json_text(validation.uncertainty));
  json["regions"] = ordered_json::parse(regions_to_json_text(validation, knows_feasibility));
  json["worst"] = ordered_json::parse(worst_to_json_text(validation));
  json["training"] = ordered_json::parse(model.report());
  return json.dump(1) + "\n";
}

void print_tables(const Surrogate& model, const Validation& validation) {
  fmt::print("{}", errors_table(validation.errors, model.knows_feasibility(), "fresh"));
  if (!validation.uncertainty.empty()) {
    fmt::print("\n{}", uncertainty_table(validation.uncertainty));
  }
  fmt::print("\n{}", regions_table(validation, model.knows_feasibility()));
  for (std::size_t c = 0; c < validation.worst.size(); ++c) {
    fmt::print("\n{}", worst_table(validation, c));
  }
}

void validate(ValidateArguments arguments) {
  require_plottable(arguments.plot, arguments.csv);
  require_writable_folder_of(arguments.output);
  const Surrogate model = Surrogate::load(arguments.model);
  const auto file_of = [](const std::string& given, const SpaceDescription& space) {
    return resolve_config("spaces", given.empty() ? space.name : given);
  };
  const auto networks = NetworkSpace::load(file_of(arguments.space, model.network_space()));
  const auto accelerators = DesignSpace::load(file_of(arguments.hardware, model.hardware_space()));
  if (arguments.labelling.technology.empty()) arguments.labelling.technology = model.technology();
  const Dataset data = label_fresh_pairs(arguments, model, networks, accelerators);
  Simulator simulator(totals_only(arguments.labelling.technology));
  const Validation validation =
      validate_surrogate(model, data, networks, accelerators, simulator, arguments.worst);
  if (!arguments.output.empty()) {
    write_file_atomically(arguments.output, metrics_json(arguments, model, validation));
  }
  write_text(arguments.csv, [&] { return parity_csv(data, validation.predictions); });
  if (!arguments.plot.empty()) {
    run_plot_script("parity.py", {arguments.csv, "-o", arguments.plot});
  }
  if (quiet()) return;
  print_tables(model, validation);
  for (const auto* file : {&arguments.output, &arguments.csv, &arguments.plot}) {
    if (!file->empty()) fmt::print("{}\n", *file);
  }
}

}  // namespace

void add_validate_command(CLI::App& app) {
  auto* command = app.add_subcommand("validate", "Check the surrogate against fresh simulations");
  auto arguments = std::make_shared<ValidateArguments>();
  LabellingOptions& labelling = arguments->labelling;
  labelling.first_stream = kValidationStream;
  labelling.technology.clear();
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
  command->add_option("--technology", labelling.technology,
                      "Of the simulations: name or YAML (default: the model's)");
  command
      ->add_option("--worst", arguments->worst, "Pairs to explain, those with the largest errors")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1000}))
      ->capture_default_str();
  command
      ->add_option("-w,--workers", labelling.workers,
                   "Processes that simulate (default: one a processor); changes no figure")
      ->check(CLI::Range(1, 4096));
  add_service_option(*command, arguments->service);
  command->add_option("-o,--output", arguments->output, "Write the figures as JSON to this file");
  command->add_option(
      "--csv", arguments->csv,
      "Write simulated and predicted latency (ms) and energy (mJ) of the feasible pairs ");
  command->add_option("--plot", arguments->plot,
                      "Draw the parity plot to this .png, .svg or .pdf; its CSV goes beside it");
  command->footer(
      "Draws random pairs, simulates them and compares. Infeasible is the positive class of\n"
      "precision and recall; errors of latency and energy are those of the feasible pairs. Tables\n"
      "show the errors of parts of the spaces, and the worst cases with what bounds them and "
      "which\n"
      "change of the accelerator the model misses there; the JSON has the choices in full.");
  command->callback([arguments] {
    LabellingOptions& pairs = arguments->labelling;
    pairs.run = service_runner(arguments->service, pairs.workers);
    validate(*arguments);
  });
}

}  // namespace dovetail
