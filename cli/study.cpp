#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text/error.h"
#include "cli/bare_command.h"
#include "cli/commands.h"
#include "cli/onnx_options.h"
#include "cli/written_text.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/compare_studies.h"
#include "nas/analysis/comparison_report.h"
#include "nas/analysis/export_pair.h"
#include "nas/analysis/optuna_journal.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/stored_study.h"
#include "nas/analysis/study_check.h"
#include "nas/analysis/trial_table.h"

namespace dovetail {
namespace {

/// Files that a command writes beside what it prints; "" if not asked for.
struct Files {
  std::string json, csv;

  using Text = std::function<std::string()>;
  void write_csv(const Text& text) const { write_text(csv, text); }
  void write_json(const Text& text) const { write_text(json, text); }
};

void print(const std::string& text) {
  if (!quiet()) fmt::print("{}", text);
}

void add_study_option(CLI::App& command, std::string& study) {
  command.add_option("study", study, "Folder of a study, or its study.db")->required();
}

void add_show_command(CLI::App& app) {
  struct StudyArguments {
    std::string study;
    Files files;
  };
  auto* command = app.add_subcommand(
      "show", "What a study is, how far it is, what does not count and why, the best so far");
  auto arguments = std::make_shared<StudyArguments>();
  add_study_option(*command, arguments->study);
  command->add_option("--json", arguments->files.json, "All of it as JSON");
  command->footer("Also while another process runs the study, and after it was stopped.");
  command->callback([arguments] {
    const StoredStudy study = StoredStudy::load(arguments->study);
    const StudyState state = StudyState::of(study.file);
    const StudyOverview overview = study_overview(study);
    arguments->files.write_json([&] { return overview_json(study, state, overview); });
    print(overview_text(study, state, overview));
  });
}

void add_best_command(CLI::App& app) {
  struct StudyArguments {
    std::string study;
    std::vector<std::string> most, least;
    BestQuery query;
    std::size_t count = 20;
    Files files;
  };
  auto* command =
      app.add_subcommand("best", "The Pareto front of a study, or its best trials by one figure");
  auto arguments = std::make_shared<StudyArguments>();
  add_study_option(*command, arguments->study);
  command
      ->add_option("--max", arguments->most, "METRIC=NUMBER: at most; may be given several times")
      ->take_all();
  command
      ->add_option("--min", arguments->least, "METRIC=NUMBER: at least; may be given several times")
      ->take_all();
  command->add_option("--by", arguments->query.by,
                      "reward or a metric: the best by it, instead of the front");
  command->add_option("--run", arguments->query.run, "Only these searches: joint, ...");
  command->add_flag("--predicted", arguments->query.predicted,
                    "Also trials whose costs were only predicted");
  auto* claimed = command->add_flag(
      "--claimed", arguments->query.claimed,
      "Instead: trials that a file claims ('study import --claimed') and nobody evaluated");
  claimed->excludes("--predicted");
  command->add_option("-c,--count", arguments->count, "Rows printed of each front; 0: all")
      ->capture_default_str();
  command->add_option("--json", arguments->files.json, "All of them as JSON");
  command->add_option("--csv", arguments->files.csv, "All of them as CSV, with every decision");
  command->footer(
      "dovetail study best out/quick --max latency_ms=0.5 --min top1_percent=74\n"
      "dovetail study best out/quick --by top1_percent --max energy_mj=0.8\n"
      "The constraints of the study hold too.");
  command->callback([arguments] {
    for (const auto& text : arguments->most) {
      arguments->query.limits.push_back(Limit::parse(text, true, "--max"));
    }
    for (const auto& text : arguments->least) {
      arguments->query.limits.push_back(Limit::parse(text, false, "--min"));
    }
    const StoredStudy study = StoredStudy::load(arguments->study);
    const TrialList trials = best_trials(study, arguments->query);
    arguments->files.write_json([&] { return trials_json(study, trials); });
    arguments->files.write_csv([&] { return trials_csv(study, trials); });
    print(best_text(study, arguments->query, trials, arguments->count));
  });
}

struct StudyExportArguments {
  std::string study, output, jsonl, optuna;
  std::int64_t trial = 0;
  PairExtras extras;
  Files files;
};

void export_study(const StudyExportArguments& arguments, const OnnxOptions& onnx) {
  const Files& files = arguments.files;
  if (!arguments.output.empty()) {
    for (const auto& file :
         export_pair(arguments.study, arguments.trial, arguments.output, onnx, arguments.extras)) {
      print_file(file);
    }
  }
  const std::vector<std::string> written{files.csv, files.json, arguments.jsonl, arguments.optuna};
  if (std::ranges::all_of(written, &std::string::empty)) {
    if (!arguments.output.empty()) return;
    throw InputError(
        "study export: found nothing to write; allowed are '--csv FILE', '--json FILE', '--jsonl "
        "FILE' and '--optuna FILE' (all trials) and '-t TRIAL -o FOLDER' (the pair of one)");
  }
  const StoredStudy study = StoredStudy::load(arguments.study);
  const TrialList trials = study.all_trials();
  files.write_csv([&] { return trials_csv(study, trials); });
  files.write_json([&] { return trials_json(study, trials); });
  write_text(arguments.jsonl, [&] { return trials_jsonl(study, trials); });
  if (!arguments.optuna.empty()) {
    write_file_atomically(arguments.optuna, optuna_journal(study, trials));
  }
  for (const std::string& file : written) {
    if (!file.empty()) print(fmt::format("{} ({} trials)\n", file, trials.size()));
  }
}

void add_export_trials_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "export", "All trials as CSV or JSON; the pair of one as ONNX and accelerator YAML");
  auto arguments = std::make_shared<StudyExportArguments>();
  add_study_option(*command, arguments->study);
  command->add_option("--csv", arguments->files.csv, "All trials, a row each");
  command->add_option("--json", arguments->files.json, "All trials");
  command->add_option("--jsonl", arguments->jsonl, "All trials, a line of JSON each");
  command->add_option("--optuna", arguments->optuna,
                      "All trials as a journal of Optuna, for its dashboard and its plots");
  auto* trial =
      command->add_option("-t,--trial", arguments->trial, "Number of a trial, as in every table");
  auto* output = command->add_option(
      "-o,--output", arguments->output,
      "Folder for its network.yaml, network.onnx, accelerator.yaml and pair.yaml");
  trial->needs(output);
  output->needs(trial);
  PairExtras& extras = arguments->extras;
  command->add_flag("--card", extras.card, "README.md beside the pair: a model card")->needs(trial);
  command
      ->add_flag("--torch", extras.torch,
                 "network.json and dovetail_torch.py beside the pair: the network for PyTorch")
      ->needs(trial);
  command
      ->add_flag("--costs", extras.costs,
                 "Cycles, latency and energy of each node in network.onnx, where viewers show them")
      ->needs(trial);
  const auto onnx = add_onnx_options(*command);
  command->footer(
      "dovetail study export out/quick --csv trials.csv\n"
      "dovetail study export out/quick -t 17 -o pair --card --costs --torch\n"
      "To simulate the pair: dovetail simulate -n pair/network.yaml -a pair/accelerator.yaml");
  command->callback([arguments, onnx] { export_study(*arguments, *onnx); });
}

void add_compare_command(CLI::App& app) {
  struct StudyArguments {
    std::vector<std::string> studies;
    CompareSettings settings;
    std::string attainment;
    Files files;
  };
  auto* command = app.add_subcommand(
      "compare", "Hypervolumes, the best at equal cost or accuracy, domination, targets reached");
  auto arguments = std::make_shared<StudyArguments>();
  CompareSettings& settings = arguments->settings;
  command->add_option("studies", arguments->studies, "Folders of studies, or their study.db")
      ->required();
  command->add_option("--reference", settings.reference,
                      "METRIC=NUMBER,...: of the hypervolume (default: that of the studies)");
  command->add_option("--run", settings.runs, "Only these searches: joint, ...")->delimiter(',');
  command
      ->add_option(
          "--at", settings.levels,
          "METRIC=NUMBER: a level to compare at; may be given several times (default: five "
          "over the range that all fronts share)")
      ->take_all();
  command
      ->add_option("--target", settings.targets,
                   "hypervolume=NUMBER, reward=NUMBER, or METRIC=NUMBER,... (all at once); may be "
                   "given several times (default: shares of the best known hypervolume)")
      ->take_all();
  command->add_flag("--claimed", settings.claimed,
                    "Also, as searches of their own, trials that studies only claim");
  command->add_option("--csv", arguments->files.csv, "A row a search");
  command->add_option("--attainment", arguments->attainment,
                      "CSV: share of searches that reached each target, for 'dovetail plot "
                      "attainment'");
  command->footer(
      "dovetail study compare out/nsga2 out/random\n"
      "dovetail study compare out/a out/b --at latency_ms=0.3 --at latency_ms=0.5 \\\n"
      "  --target latency_ms=0.5,top1_percent=75 --attainment attainment.csv");
  command->callback([arguments] {
    std::vector<StoredStudy> studies;
    for (const std::string& place : arguments->studies) {
      studies.push_back(StoredStudy::load(place));
    }
    const StudyComparison comparison = compare_studies(studies, arguments->settings);
    arguments->files.write_csv([&] { return comparison_csv(comparison); });
    if (!arguments->attainment.empty()) {
      write_file_atomically(arguments->attainment, attainment_csv(comparison.attainments));
    }
    print(comparison_text(comparison));
  });
}

void print_check(const std::string& place) {
  const auto [file, contents] = check_study(place);
  print(fmt::format("{}: {} trials with {} figures, {} answers of the accuracy source: {}\n",
                    file.string(), contents.trials, contents.figures, contents.accuracies,
                    contents.checksums
                        ? "all as they were written"
                        : "all can be (a file of an older version, without checksums)"));
}

void add_check_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("check", "Whether all that is stored is as it was written, and can be");
  auto study = std::make_shared<std::string>();
  add_study_option(*command, *study);
  command->footer(
      "Every row has a checksum, and every figure a range. Each command that reads a study checks\n"
      "what it reads; this reads everything. Exit 2 and the first thing that is wrong, else 0.");
  command->callback([study] { print_check(*study); });
}

}  // namespace

void add_study_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "study",
      "Look at studies: show, best, export, compare, check; ask and tell them; finish a trial");
  print_help_if_bare(*command);
  add_show_command(*command);
  add_best_command(*command);
  add_export_trials_command(*command);
  add_compare_command(*command);
  add_check_command(*command);
  add_ask_tell_commands(*command);
  add_study_finish_command(*command);
}

}  // namespace dovetail
