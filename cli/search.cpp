#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/shell_words.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/trusted_study.h"
#include "nas/analysis/study_files.h"
#include "nas/analysis/study_report.h"
#include "nas/analysis/trial_lines.h"
#include "nas/study/study.h"

namespace dovetail {
namespace {

struct SearchArguments {
  std::string study, output, jsonl;
  bool resume = false, trust = false;
  int workers = 0;
  std::int64_t evaluations = 0;  // 0: those of the study
  std::vector<std::uint64_t> seeds;
};

/// The command that goes on with a stopped study.
std::string resume_command(const SearchArguments& arguments, const StudyOptions& options) {
  std::string command = "dovetail search " + shell_word(arguments.study) + " --resume";
  if (!arguments.output.empty()) command += " -o " + shell_word(options.folder.string());
  if (!arguments.jsonl.empty()) command += " --jsonl " + shell_word(arguments.jsonl);
  if (arguments.trust) command += " --trust";
  if (arguments.evaluations > 0) command += fmt::format(" -e {}", arguments.evaluations);
  if (!arguments.seeds.empty())
    command += fmt::format(" --seed {}", fmt::join(arguments.seeds, ","));
  return command;
}

/// Writes trials as they are stored. What the study keeps in its folder is not replaced.
std::optional<TrialLines> lines_of(const SearchArguments& arguments, const StudyOptions& options) {
  namespace fs = std::filesystem;
  if (arguments.jsonl.empty()) return std::nullopt;
  if (arguments.jsonl != "-") {
    const fs::path file = fs::absolute(arguments.jsonl);
    if (fs::weakly_canonical(file.parent_path()) == fs::weakly_canonical(options.folder) &&
        file.extension() != ".jsonl") {
      throw InputError(fmt::format(
          "--jsonl: found '{}', allowed in the folder of the study: *.jsonl", arguments.jsonl));
    }
    require_writable_file(file);
  }
  return std::optional<TrialLines>(std::in_place, arguments.jsonl, options.folder);
}

void search(const SearchArguments& arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  StudyConfig config =
      load_trusted_study(arguments.study, arguments.trust, arguments.output.empty());
  if (!arguments.seeds.empty()) config.seeds = arguments.seeds;
  if (arguments.evaluations > 0) {
    if (config.phase) {
      throw InputError(
          "--evaluations: scope 'phase' divides them among its parts, which the study's "
          "file has to say");
    }
    config.evaluations = arguments.evaluations;
  }
  const int workers = arguments.workers > 0 ? arguments.workers : config.workers;

  StudyOptions options;
  options.folder = !arguments.output.empty() ? std::filesystem::path(arguments.output)
                   : !config.output.empty()  ? config.output
                                             : std::filesystem::path("out") / config.name;
  options.resume = options.may_grow = arguments.resume;
  options.workers = workers > 0 ? workers : available_processors();
  options.progress = quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto;
  options.keep_going = [] { return !stop_requested(); };

  const StudySetup setup(std::move(config));
  if (!quiet() && !setup.strategy_reason().empty()) {
    fmt::print(stderr, "strategy: {}, since the study names none ({})\n", setup.config().strategy,
               setup.strategy_reason());
  }
  const CostSettings& cost = setup.config().cost;
  if (!quiet() && cost.labels_by_budget) {
    fmt::print(stderr,
               "surrogate: {} random labels and at most {} rounds of {} simulations, since the "
               "study names no labels (few labels and many rounds are the best known division)\n",
               cost.surrogate.labels, cost.rounds, cost.resimulate);
  }
  std::optional<TrialLines> lines = lines_of(arguments, options);
  if (lines) options.stored = [&](std::span<const StoredTrial> trials) { lines->add(trials); };
  std::optional<ReportedStudy> report;
  options.report = [&] { report = report_study(setup, options.folder); };
  const StudyOutcome outcome = run_study(setup, options);
  if (!outcome.complete) {
    throw RunError(fmt::format("{}; {} trials are saved in {}. To go on: {}", stopped_text(),
                               outcome.trials, options.folder.string(),
                               resume_command(arguments, options)));
  }
  if (!quiet()) {
    for (const std::string& doubt : doubts(report->results)) {
      fmt::print(stderr, "dovetail: warning: {}\n", doubt);
    }
  }
  require_something_found(report->results);
  if (quiet()) return;
  fmt::print("{}\nWritten:\n", results_text(setup, report->results));
  std::vector<std::filesystem::path> files = report->files;
  files.insert(files.end(), outcome.files.begin(), outcome.files.end());
  for (const std::filesystem::path& file : files) fmt::print("  {}\n", file.string());
}

}  // namespace

void add_search_command(CLI::App& app) {
  auto* command = app.add_subcommand("search", "Run a study: search networks and accelerators");
  auto arguments = std::make_shared<SearchArguments>();
  command->add_option("study", arguments->study, "Study YAML, or a name in configs/studies")
      ->required();
  command->add_option("-o,--output", arguments->output,
                      "Folder for the results (default: 'output' of the study, else out/NAME)");
  command->add_flag("--resume", arguments->resume,
                    "Go on with the study in the folder, also to more evaluations or seeds");
  command
      ->add_option("-e,--evaluations", arguments->evaluations,
                   "Candidates that each search evaluates, instead of those of the study")
      ->check(CLI::Range(std::int64_t{1}, kMaxEvaluations));
  command
      ->add_option(
          "-w,--workers", arguments->workers,
          "Processes that simulate (default: 'workers' of the study, else one a processor)")
      ->check(CLI::Range(1, 4096));
  allow_study_seeds(command->add_option("--seed", arguments->seeds,
                                        "Seeds instead of those of the study (1,2,3)"))
      ->delimiter(',');
  command->add_option("--jsonl", arguments->jsonl,
                      "Each trial, when it is stored, as a line of JSON; -: on standard output");
  add_trust_option(*command, arguments->trust);
  command->footer("Ctrl-C stops cleanly: what was evaluated is saved and --resume goes on.");
  command->callback([arguments] { search(*arguments); });
}

}  // namespace dovetail
