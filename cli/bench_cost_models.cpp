#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/folder_kind.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/trusted_study.h"
#include "cost/surrogate/rivals/rival.h"
#include "nas/experiments/cost_models/cost_model_report.h"

namespace dovetail {
namespace {

struct CostModelArguments {
  std::string study = "cost_models", output = "out/cost_models";
  std::vector<std::string> models;
  std::vector<std::uint64_t> seeds;
  int workers = available_processors();
  bool trust = false;
};

std::vector<std::string> all_models() {
  std::vector<std::string> models{"simulation"};
  for (const RivalKind& kind : rival_kinds()) models.push_back(kind.name);
  return models;
}

void run(const CostModelArguments& arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  StudyConfig study = load_trusted_study(arguments.study, arguments.trust, false);
  if (!arguments.seeds.empty()) study.seeds = arguments.seeds;
  CostModelBenchOptions options;
  options.models = arguments.models.empty() ? all_models() : arguments.models;
  for (const std::string& model : options.models) with_cost_model(study, model, 0);
  require_folder_of(FolderKind::kCostModels, arguments.output);
  require_writable_folder(arguments.output);
  options.folder = arguments.output;
  options.workers = arguments.workers;
  options.keep_going = [] { return !stop_requested(); };
  std::optional<Progress> progress;
  options.progress = [&](std::uint64_t done, std::uint64_t of) {
    if (!progress)
      progress.emplace("searches", of, quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
    progress->update(done);
  };
  const auto searches = run_cost_model_bench(study, options);
  if (progress) progress->finish();
  const std::string csv = arguments.output + "/cost_models.csv";
  write_file_atomically(csv, cost_models_csv(searches));
  if (quiet()) return;
  const std::string missing = missing_rivals();
  if (!missing.empty()) fmt::print("Left out: {}\n", missing);
  fmt::print("{}\nWritten:\n  {}\n", cost_models_text(searches), csv);
}

}  // namespace

void add_cost_models_bench(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "cost-models", "What a search finds with each cost model, and how long it takes");
  auto arguments = std::make_shared<CostModelArguments>();
  command
      ->add_option("study", arguments->study,
                   "Study YAML on a surrogate with labels, or a name in configs/studies")
      ->capture_default_str();
  command
      ->add_option("--models", arguments->models,
                   "Cost models (default: simulation and all that compare-surrogates has)")
      ->delimiter(',')
      ->check(CLI::IsMember(all_models()));
  allow_study_seeds(command->add_option("--seed", arguments->seeds,
                                        "Seeds instead of those of the study (1,2,3)"))
      ->delimiter(',');
  command
      ->add_option("-o,--output", arguments->output, "Folder of the studies and of cost_models.csv")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", arguments->workers,
                   "Processes that simulate (default: one a processor); changes times alone")
      ->check(CLI::Range(1, 4096));
  add_trust_option(*command, arguments->trust);
  command->footer(
      "Searches run one after the other. A stopped run goes on with the search that it was at.");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace dovetail
