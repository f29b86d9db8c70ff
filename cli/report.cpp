#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/scratch_folder.h"
#include "base/process/progress.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "cli/plot_runner.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/overview_report.h"
#include "nas/analysis/study_tables.h"
#include "nas/analysis/trial_pair.h"
#include "nas/analysis/trial_table.h"
#include "sim/report.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTrials = 5000;  // shown; more would neither be seen nor loaded quickly
constexpr std::size_t kPairs = 3;          // simulated: both ends of the front and its middle

constexpr const char* kUncorrected =
    "The figures of the front are corrected by what was measured, and these are what the simulator "
    "says.";

struct ReportArguments {
  std::string what, output;
  double watch_seconds = 0;  // 0: one page, once
};

/// What a page shows of a study, as files that the script reads.
class StudyMaterial {
 public:
  StudyMaterial(const fs::path& place, const fs::path& folder)
      : study_(StoredStudy::load(place)), folder_(folder) {}

  void write() const {
    write("overview.json",
          overview_json(study_, StudyState::of(study_.file), study_overview(study_)));
    write("trials.csv", trials_csv(study_, spread(study_.all_trials(), kMostTrials)));
    const TrialList front = front_of_study();
    if (front.empty()) return;
    write("front.csv", trials_csv(study_, front));
    write_pairs(front);
  }

 private:
  void write(const std::string& name, const std::string& content) const {
    write_file_atomically(folder_ / name, content);
  }

  static TrialList spread(const TrialList& trials, std::size_t count) {
    TrialList chosen;
    for (const std::size_t i : evenly_spread(trials.size(), count)) chosen.push_back(trials[i]);
    return chosen;
  }

  /// Of simulated figures, if any were.
  TrialList front_of_study() const {
    BestQuery predicted;
    predicted.predicted = true;
    const TrialList front = best_trials(study_, {});
    return front.empty() ? best_trials(study_, predicted) : front;
  }

  /// Simulates pairs of the front of the first kind of search. The files that the study was made
  /// of may be gone or changed; then the page says so, and has the rest.
  void write_pairs(const TrialList& front) const {
    const std::string label = study_.run_of(*front.front()).label;
    TrialList own;
    for (const StoredTrial* trial : front) {
      if (study_.run_of(*trial).label == label) own.push_back(trial);
    }
    std::vector<std::int64_t> ids;
    for (const StoredTrial* trial : spread(own, kPairs)) ids.push_back(trial->record.id);
    try {
      const std::vector<TrialPair> pairs = load_trial_pairs(study_.file, ids);
      if (pairs.front().correction) write("uncorrected_pairs.txt", kUncorrected);
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        SimulatorOptions options;
        options.technology = pairs[i].technology;
        Simulator simulator(options);
        write(fmt::format("pair_{}.json", ids[i]),
              simulation_json(pairs[i].network, pairs[i].accelerator,
                              simulator.run(pairs[i].network, pairs[i].accelerator)));
      }
    } catch (const InputError& error) {
      write("without_pairs.txt", error.what());
    }
  }

  StoredStudy study_;
  fs::path folder_;
};

bool is_study(const fs::path& what) {
  return what.extension() == ".db" || fs::is_regular_file(what / "study.db");
}

/// Notes what a page of this folder is made of, so that the page does not replace it; but it may
/// replace an earlier page.
void note_files_of(const fs::path& folder) {
  if (!fs::is_directory(folder)) return;
  for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
    if (file.is_regular_file() && file.path().extension() != ".html") note_input(file.path());
  }
}

/// `refresh_seconds`: after which a browser reads the page again; 0: never.
void draw(const ReportArguments& arguments, double refresh_seconds) {
  const fs::path what = arguments.what;
  const ScratchFolder scratch;
  const fs::path page = scratch.path() / "page.html";
  std::vector<std::string> words{arguments.what, "-o", page.string()};
  if (is_study(what)) {
    const fs::path material = scratch.path() / "study";
    fs::create_directory(material);
    StudyMaterial(what, material).write();
    words.insert(words.end(), {"--study", material.string()});
  }
  if (refresh_seconds > 0) {
    words.insert(words.end(), {"--refresh", format_number(refresh_seconds)});
  }
  run_plot_script("report.py", words);
  write_file_atomically(arguments.output, read_file(page));
  if (!quiet()) fmt::print("{}\n", arguments.output);
}

/// Whether nobody asked for a stop within this time.
bool wait(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    if (stop_requested()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return !stop_requested();
}

/// A page after each few seconds while the study is worked on, and a last one when it no longer is.
void watch(const ReportArguments& arguments) {
  const fs::path file = study_file(arguments.what);
  while (StudyState::of(file).process) {
    draw(arguments, arguments.watch_seconds);
    if (!wait(arguments.watch_seconds)) return;  // what is there is a whole page
  }
  draw(arguments, 0);
}

void report(const ReportArguments& arguments) {
  const fs::path what = arguments.what, output = arguments.output;
  if (output.extension() != ".html") {
    throw InputError(fmt::format("{}: found '{}', allowed .html", arguments.output,
                                 output.extension().string()));
  }
  if (!fs::exists(what)) throw InputError(arguments.what + ": no such file or folder");
  note_files_of(what);
  require_no_input(output);
  require_writable_file(output);
  if (arguments.watch_seconds == 0) return draw(arguments, 0);
  if (!is_study(what)) {
    throw InputError(fmt::format("{}: found no study, allowed with --watch is the folder of one",
                                 arguments.what));
  }
  watch(arguments);
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "report", "One page to read and to pass on: of a study, an exploration or a simulation");
  auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("what", arguments->what,
                   "Folder of a study or of an exploration; JSON of simulate; CSV of study export")
      ->required();
  command->add_option("-o,--output", arguments->output, "The page: .html")->required();
  command
      ->add_option("--watch", arguments->watch_seconds,
                   "While the study runs, make the page again after so many seconds; a browser "
                   "that shows it follows")
      ->check(CLI::Range(1.0, 86400.0));
  command->footer(
      "dovetail report out/quick -o quick.html\n"
      "The page is one file that asks nothing of any other and of no network.");
  command->callback([arguments] { report(*arguments); });
}

}  // namespace dovetail
