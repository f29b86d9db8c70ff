#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/plot_runner.h"

namespace dovetail {
namespace {

/// One row of the table of plots.
struct PlotKind {
  const char* name;
  const char* script;
  const char* description;
};
constexpr std::array<PlotKind, 3> kPlots{{
    {"pareto", "pareto.py", "accuracy against latency, coloured by area (pareto.csv of a study)"},
    {"convergence", "convergence.py", "hypervolume against evaluations (convergence.csv)"},
    {"parity", "parity.py", "predicted against simulated latency (CSV of validate)"},
}};

struct Arguments {
  std::string kind, file, output;
};

void plot(const Arguments& arguments) {
  std::vector<std::string> known;
  for (const PlotKind& plot : kPlots) {
    if (arguments.kind == plot.name) {
      run_plot_script(plot.script, {arguments.file, "-o", arguments.output});
      if (!quiet()) fmt::print("{}\n", arguments.output);
      return;
    }
    known.push_back(plot.name);
  }
  throw InputError(unknown_name("plot", arguments.kind, known));
}

}  // namespace

void add_plot_command(CLI::App& app) {
  auto* command = app.add_subcommand("plot", "Draw a result file");
  auto arguments = std::make_shared<Arguments>();
  std::string kinds = "Kinds:";
  for (const PlotKind& plot : kPlots)
    kinds += fmt::format("\n  {:12} {}", plot.name, plot.description);
  command->add_option("kind", arguments->kind, "What to draw, see below")->required();
  command->add_option("file", arguments->file, "The result file")->required();
  command->add_option("-o,--output", arguments->output, "Picture: .png, .svg or .pdf")->required();
  command->footer(kinds);
  command->callback([arguments] { plot(*arguments); });
}

}  // namespace dovetail
