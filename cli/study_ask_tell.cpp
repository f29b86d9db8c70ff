#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/request_lines.h"
#include "cli/trusted_study.h"
#include "nas/analysis/stored_study.h"
#include "nas/analysis/study_files.h"
#include "nas/service/imported_trials.h"
#include "nas/service/study_session.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

struct AskTellArguments {
  std::string folder, study, input;
  int workers = 0;
  std::size_t count = 1;
  bool trust = false, claimed = false;
};

/// A study that is asked and told: of the folder, or begun there.
class FolderSession {
 public:
  explicit FolderSession(const AskTellArguments& arguments)
      : folder_(arguments.folder),
        setup_(config_of(arguments)),
        session_(setup_, options_of(arguments)) {}

  StudySession& session() { return session_; }
  const Objective& objective() const { return setup_.objective(); }
  /// The files of results, once the study is complete.
  void report() {
    if (session_.over() && session_.done() > 0) report_study(setup_, folder_);
  }

 private:
  static bool stored(const AskTellArguments& arguments) {
    return fs::exists(fs::path(arguments.folder) / "study.db");
  }
  static StudyConfig config_of(const AskTellArguments& arguments) {
    if (!arguments.study.empty()) {
      return load_trusted_study(arguments.study, arguments.trust, false);
    }
    if (!stored(arguments)) {
      throw InputError(arguments.folder + ": no study is stored there; --study begins one");
    }
    const StoredStudy study = StoredStudy::load(arguments.folder);
    return trusted_study(study.config, study.file.string(), arguments.trust, false);
  }
  static StudyOptions options_of(const AskTellArguments& arguments) {
    StudyOptions options;
    options.folder = arguments.folder;
    options.resume = stored(arguments);
    options.workers = arguments.workers > 0 ? arguments.workers : available_processors();
    options.progress = ProgressMode::kQuiet;
    options.keep_going = [] { return !stop_requested(); };
    return options;
  }

  fs::path folder_;
  StudySetup setup_;
  StudySession session_;
};

/// A request that is refused leaves no study behind that it has begun.
template <typename Work>
void in_session(const AskTellArguments& arguments, const Work& work) {
  FolderSession folder(arguments);
  try {
    work(folder);
  } catch (const InputError&) {
    folder.session().forget_if_empty();
    throw;
  }
}

void add_options(CLI::App* command, AskTellArguments& arguments) {
  command->add_option("folder", arguments.folder, "Folder of the study")->required();
  command->add_option(
      "--study", arguments.study,
      "Study YAML, or a name in configs/studies: begins the study if the folder has "
      "none");
  command
      ->add_option("-w,--workers", arguments.workers,
                   "Processes that simulate (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  add_trust_option(*command, arguments.trust);
}

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fmt::print("{}\n", line);
}

void add_ask_command(CLI::App& study) {
  auto* command = study.add_subcommand("ask", "The candidates that a study's strategy wants next");
  auto arguments = std::make_shared<AskTellArguments>();
  add_options(command, *arguments);
  command->add_option("-c,--count", arguments->count, "Candidates at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->footer(
      "A line of JSON each. Asked again before they are told, they are the same. None: the study\n"
      "is complete.");
  command->callback([arguments] {
    in_session(*arguments,
               [&](FolderSession& folder) { print_lines(folder.session().ask(arguments->count)); });
  });
}

/// Every line, before the first is evaluated.
std::vector<OutsideCandidate> read_candidates(const std::string& file) {
  RequestLines input(file);
  std::vector<OutsideCandidate> candidates;
  std::uint64_t number = 0;
  for (auto lines = input.next(); !lines.empty(); lines = input.next()) {
    for (const std::string& line : lines) {
      ++number;
      if (is_blank(line)) continue;
      try {
        candidates.push_back(read_told_candidate(line));
      } catch (const InputError& e) {
        throw InputError(fmt::format("line {}: {}", number, e.what()));
      }
    }
  }
  return candidates;
}

void add_tell_command(CLI::App& study) {
  auto* command =
      study.add_subcommand("tell", "Evaluate candidates from outside as a study's trials");
  auto arguments = std::make_shared<AskTellArguments>();
  add_options(command, *arguments);
  command->add_option("-i,--input", arguments->input,
                      "Read the candidates from this file instead of standard input");
  command->footer(
      "A line of JSON each: {\"choices\": {...}}, with top1_percent where the accuracy source is\n"
      "'told'. Those of 'ask' in their order; any with strategy 'external'. Prints the trials.");
  command->callback([arguments] {
    static_cast<void>(stop_requested());
    const std::vector<OutsideCandidate> candidates = read_candidates(arguments->input);
    in_session(*arguments, [&](FolderSession& folder) {
      print_lines(folder.session().tell(candidates));
      folder.report();
    });
  });
}

std::size_t count_ok(const std::vector<TrialRecord>& trials) {
  return static_cast<std::size_t>(std::ranges::count_if(
      trials, [](const TrialRecord& trial) { return trial.evaluation.ok(); }));
}

/// Stores what the file says.
void import_claims(const AskTellArguments& arguments, FolderSession& folder) {
  StudySession& session = folder.session();
  const ImportedTrials imported =
      ImportedTrials::read(arguments.input, session.space().decisions(), ImportTrust::kAll);
  std::vector<Evaluation> claims;
  for (const auto& figures : imported.claimed) {
    claims.push_back(claimed_evaluation(figures, folder.objective()));
  }
  const std::vector<TrialRecord> stored = session.claim(imported.candidates, claims);
  if (quiet()) return;
  fmt::print(
      "{} trials are stored as claimed, {} of them with the figures that the study asks for. None "
      "was evaluated, and none counts among what the study finds.\n",
      stored.size(), count_ok(stored));
}

void import_trials(const AskTellArguments& arguments, FolderSession& folder) {
  if (arguments.claimed) return import_claims(arguments, folder);
  StudySession& session = folder.session();
  const ImportedTrials imported = ImportedTrials::read(
      arguments.input, session.space().decisions(),
      session.tells_accuracy() ? ImportTrust::kAccuracy : ImportTrust::kNothing);
  const std::vector<TrialRecord> found = session.evaluate(imported.candidates);
  folder.report();
  if (quiet()) return;
  fmt::print("{} trials are evaluated and stored, {} of them have figures.\n", found.size(),
             count_ok(found));
  const std::string table = claims_table(imported, found);
  if (!table.empty()) fmt::print("What the file claims, against what was found:\n{}", table);
}

void add_import_command(CLI::App& study) {
  auto* command = study.add_subcommand(
      "import", "Evaluate trials of another program, from a CSV, as a study's");
  auto arguments = std::make_shared<AskTellArguments>();
  add_options(command, *arguments);
  command
      ->add_option("-i,--input", arguments->input,
                   "CSV with a column for each decision (net.ks0, hw.pes_x, ...), as 'study export "
                   "--csv' writes it")
      ->required();
  command->add_flag("--claimed", arguments->claimed,
                    "Evaluate nothing: store the figures of the file, marked as claimed");
  command->footer(
      "For studies with strategy 'external'. Nothing of the file is believed: each trial is\n"
      "evaluated, and its figures are compared with those that the file claims. Only with "
      "accuracy\n"
      "source 'told' is its top1_percent taken.\n"
      "--claimed, for studies with any strategy: what is claimed stands apart from what is "
      "simulated\n"
      "in 'study show', 'best', 'export' and 'compare'.");
  command->callback([arguments] {
    static_cast<void>(stop_requested());
    in_session(*arguments, [&](FolderSession& folder) { import_trials(*arguments, folder); });
  });
}

void add_session_command(CLI::App& study) {
  auto* command = study.add_subcommand(
      "session", "Answer requests to ask and tell a study, a line of JSON each, at standard input");
  auto arguments = std::make_shared<AskTellArguments>();
  add_options(command, *arguments);
  command->add_option("-i,--input", arguments->input,
                      "Read the requests from this file instead of standard input");
  command->footer("For programs; what they say and hear: docs/ask_tell.md.");
  command->callback([arguments] {
    static_cast<void>(stop_requested());
    FolderSession folder(*arguments);
    RequestLines input(arguments->input);
    for (auto lines = input.next(); !lines.empty(); lines = input.next()) {
      for (const std::string& line : lines) {
        if (is_blank(line)) continue;
        fmt::print("{}\n", folder.session().answer(line));
        std::fflush(stdout);
      }
    }
    folder.report();
  });
}

}  // namespace

void add_ask_tell_commands(CLI::App& study) {
  add_ask_command(study);
  add_tell_command(study);
  add_import_command(study);
  add_session_command(study);
}

}  // namespace dovetail
