#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/plot_runner.h"

namespace dovetail {
namespace {

/// One row of the table of plots.
struct PlotKind {
  const char* name;
  const char* script;
  const char* description;
  std::vector<std::string> options = {};  // of the plot command, those that it takes
  bool several = false;                   // of several files
};
const auto kPlots = std::to_array<PlotKind>({
    {"pareto",
     "pareto.py",
     "the fronts of a study in the plane of its objectives (pareto.csv)",
     {"--x", "--y", "--colour", "--thin"}},
    {"convergence",
     "convergence.py",
     "hypervolume, or how far a target is, against evaluations (convergence.csv)",
     {"--y"}},
    {"samples",
     "samples.py",
     "every candidate of a search and the constraints (CSV of study export)",
     {"--x", "--y", "--colour"}},
    {"compare",
     "compare.py",
     "fronts and convergence of several studies (their folders)",
     {},
     true},
    {"importance", "importance.py",
     "which decisions matter for each objective (CSV of study export)"},
    {"attainment", "attainment.py",
     "share of searches that reached a target, against evaluations (attainment.csv)"},
    {"regret", "regret.py",
     "how near strategies come to a known optimum (regret.csv of bench regret)"},
    {"claims", "claims.py",
     "top-1, latency saved and violations over targets (claims.csv of bench claims)"},
    {"parity", "parity.py", "predicted against simulated latency and energy (CSV of validate)"},
    {"learning_curve", "learning_curve.py",
     "error against number of labels (CSV of compare-surrogates)"},
    {"roofline", "roofline.py", "attained MACs per cycle under the roofs (JSON of simulate)"},
    {"layers", "layers.py", "where the cycles of each layer go (JSON of simulate)"},
    {"trace", "trace.py", "what each agent did and when (JSON of simulate --trace)", {"--layers"}},
    {"energy", "energy.py", "what each layer's energy goes into (JSON of simulate)"},
    {"memory", "memory.py",
     "local memory in use over time, against what there is (JSON of simulate)"},
    {"network", "network.py", "width, MACs, latency and energy of each block (JSON of simulate)"},
    {"chip", "chip.py", "the accelerator's tile to scale by area (JSON of simulate)"},
    {"calibration", "calibration.py", "simulated over published figures (JSON of calibrate)"},
    {"tornado", "tornado.py", "what a step of each parameter changes (JSON of explain)"},
    {"area", "area.py", "area and leakage by component (JSON of area)"},
    {"sensitivity", "sensitivity.py",
     "what each step of each parameter does (sensitivity.csv of explore --sensitivity)"},
    {"fronts", "fronts.py", "area against latency of each network (pareto.csv of explore)"},
    {"scale", "scale.py",
     "accuracy and utilization against latency of each way to scale (scaling.csv of scale)"},
    {"choice", "choice.py",
     "area against each network's latency, the limits, what was chosen (choice.csv of explore)"},
});

struct PlotArguments {
  std::string kind, output, layers, x, y, colour;
  double thin = 0;  // 0: not
  std::vector<std::string> files;
};

void require_taken(const PlotKind& plot, const std::string& option) {
  if (std::find(plot.options.begin(), plot.options.end(), option) != plot.options.end()) return;
  std::vector<std::string> takers;
  for (const PlotKind& other : kPlots) {
    const auto& taken = other.options;
    if (std::find(taken.begin(), taken.end(), option) != taken.end())
      takers.emplace_back(other.name);
  }
  throw InputError(fmt::format("{}: plot '{}' does not take it; allowed with {}", option, plot.name,
                               join(takers)));
}

void plot(const PlotArguments& arguments) {
  std::vector<std::string> known;
  for (const PlotKind& plot : kPlots) {
    if (arguments.kind == plot.name) {
      if (arguments.files.size() > 1 && !plot.several) {
        throw InputError(fmt::format("plot '{}': found {} files, allowed one", plot.name,
                                     arguments.files.size()));
      }
      std::vector<std::string> options = arguments.files;
      options.insert(options.end(), {"-o", arguments.output});
      const std::pair<const char*, std::string> given[] = {
          {"--layers", arguments.layers},
          {"--x", arguments.x},
          {"--y", arguments.y},
          {"--colour", arguments.colour},
          {"--thin", arguments.thin > 0 ? format_number(arguments.thin) : ""}};
      for (const auto& [option, value] : given) {
        if (value.empty()) continue;
        require_taken(plot, option);
        options.insert(options.end(), {option, value});
      }
      run_plot_script(plot.script, options);
      if (!quiet()) fmt::print("{}\n", arguments.output);
      return;
    }
    known.emplace_back(plot.name);
  }
  throw InputError(unknown_name("plot", arguments.kind, known));
}

}  // namespace

void add_plot_command(CLI::App& app) {
  auto* command = app.add_subcommand("plot", "Draw a result file");
  auto arguments = std::make_shared<PlotArguments>();
  std::string kinds = "Kinds:";
  for (const PlotKind& plot : kPlots)
    kinds += fmt::format("\n  {:14} {}", plot.name, plot.description);
  command->add_option("kind", arguments->kind, "What to draw, see below")->required();
  command->add_option("file", arguments->files, "The result file; several where that is said")
      ->required();
  command->add_option("-o,--output", arguments->output, "Picture: .png, .svg or .pdf")->required();
  command->add_option("--layers", arguments->layers,
                      "Only layers whose names begin so, for example blocks.3 (trace)");
  command->add_option(
      "--x", arguments->x,
      "Column on the axis: latency_ms, energy_mj, latency_ms@NETWORK, ... (default: "
      "what the study minimises) (pareto, samples)");
  command->add_option("--y", arguments->y,
                      "Column on the other axis: area_mm2, ... (default: what the study maximises) "
                      "(pareto, samples); distance_percent, "
                      "best_reward, latency_ms_over_target_percent, ... (convergence)");
  command->add_option(
      "--colour,--color", arguments->colour,
      "Column that colours the points: latency_ms, area_over_baseline, ... (pareto); evaluation, "
      "stage, "
      "reward, ... (samples)");
  allow_positive(command->add_option(
      "--thin", arguments->thin,
      "Leave out points that gain less than this over the one before, in the unit of the other "
      "axis: the known error of a predictor (pareto)"));
  command->footer(kinds);
  command->callback([arguments] { plot(*arguments); });
}

}  // namespace dovetail
