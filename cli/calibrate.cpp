#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/written_text.h"
#include "sim/calibration/calibration_report.h"

namespace dovetail {
namespace {

struct CalibrateArguments {
  std::string calibration = "edge_tpu", json, markdown;
  int workers = 1;
};

/// With the fragment in its place in an existing document, else the fragment alone.
std::string markdown_document(const std::string& file, const std::string& fragment) {
  if (!std::filesystem::is_regular_file(file)) return fragment;
  const auto document = with_calibration(read_file(file), fragment);
  if (document) return *document;
  throw InputError(Location{file},
                   "exists, and has no lines '<!-- dovetail calibrate -->' and '<!-- end of "
                   "dovetail calibrate -->' between which the tables go");
}

/// Throws InputError if the tables could not be written there: before they are computed.
void require_markdown_place(const std::string& file) {
  require_writable_file(file);
  markdown_document(file, "");
}

std::optional<CalibrationFit> fit(const Calibration& calibration, int workers) {
  if (calibration.parameters.empty()) return std::nullopt;
  std::optional<Progress> progress;
  const auto tell = [&](std::uint64_t done, std::uint64_t total) {
    if (!progress) {
      progress.emplace("simulating combinations", total,
                       quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
    }
    progress->update(done);
    return !stop_requested();
  };
  auto found = fit_calibration(calibration, workers, tell);
  progress.reset();
  if (!found) throw RunError("stopped; nothing is written");
  return found;
}

void calibrate(const CalibrateArguments& arguments) {
  CalibrationReport report;
  report.calibration = Calibration::load(resolve_config("calibration", arguments.calibration));
  if (!arguments.json.empty() && arguments.json != "-") require_writable_file(arguments.json);
  if (!arguments.markdown.empty()) require_markdown_place(arguments.markdown);
  report.fit = fit(report.calibration, arguments.workers);
  report.presets = simulate_presets(report.calibration);
  write_text(arguments.json, [&] { return calibration_json(report); });
  if (!arguments.markdown.empty()) {
    write_file_atomically(arguments.markdown,
                          markdown_document(arguments.markdown, calibration_markdown(report)));
  }
  if (!quiet()) fmt::print("{}", calibration_text(report));
}

}  // namespace

void add_calibrate_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "calibrate", "Compare the simulator with published figures; fit, and leave one out");
  auto arguments = std::make_shared<CalibrateArguments>();
  arguments->workers = available_processors();
  command
      ->add_option("calibration", arguments->calibration,
                   "Published figures and parameters: name or YAML")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", arguments->workers,
                   "Processes that simulate (default: one a processor); changes no figure")
      ->check(CLI::Range(1, 4096));
  command->add_option("--json", arguments->json, "Write everything as JSON to this file");
  command->add_option("--markdown", arguments->markdown,
                      "Write the tables as Markdown to this file; in one that has the lines '<!-- "
                      "dovetail calibrate -->' and '<!-- end of dovetail calibrate -->', only "
                      "between them");
  command->footer(
      "Nothing is changed in the accelerators: the best values are printed beside those in the "
      "files.");
  command->callback([arguments] { calibrate(*arguments); });
}

}  // namespace dovetail
