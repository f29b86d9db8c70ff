#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/paths.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "nas/experiments/fidelity/halving.h"

namespace dovetail {
namespace {

struct FidelityArguments {
  std::string data, output;  // data is empty: what comes with the program
  HalvingOptions halving{{3, 5, 10, 20, 30}};
};

void run(const FidelityArguments& arguments) {
  const std::filesystem::path file = arguments.data.empty()
                                         ? configs_folder() / "benchmarks" / "anb_fidelities.csv"
                                         : std::filesystem::path(arguments.data);
  note_input(file);
  const Fidelities fidelities = Fidelities::load(file);
  const auto rows = halving_regrets(fidelities, arguments.halving);
  if (!arguments.output.empty()) write_file_atomically(arguments.output, halving_csv(rows));
  if (quiet()) return;
  fmt::print("{}", fidelities_text(fidelities, rows));
  if (!arguments.output.empty()) fmt::print("\nWritten: {}\n", arguments.output);
}

}  // namespace

void add_fidelity_bench(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "fidelity",
      "What cheap trainings are worth, and successive halving over cheap and expensive");
  auto arguments = std::make_shared<FidelityArguments>();
  command->add_option("--data", arguments->data,
                      "CSV of trainings by both (default: configs/benchmarks/anb_fidelities.csv)");
  command->add_option("--budgets", arguments->halving.budgets, "In trainings of the expensive kind")
      ->delimiter(',')
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_option("--eta", arguments->halving.eta, "One of so many is promoted")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_option("--draws", arguments->halving.draws, "Searches of which the mean is taken")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--seed", arguments->halving.seed, "Of the draws")->capture_default_str();
  command->add_option("-o,--output", arguments->output, "CSV of the regrets");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace dovetail
