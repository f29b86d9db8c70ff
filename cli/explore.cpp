#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/file_roles.h"
#include "base/files/folder_kind.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "base/text/shell_words.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/plot_runner.h"
#include "models/network/zoo.h"
#include "nas/experiments/explore/exploration_file.h"
#include "nas/experiments/explore/explore_report.h"
#include "nas/experiments/explore/sensitivity.h"

namespace dovetail {
namespace {

struct ExploreArguments {
  std::vector<std::string> networks;
  std::vector<std::string> front = {"latency_ms", "area_mm2"};
  std::string space = "nahas_edge", output = "out/explore";
  double max_area_mm2 = 0;
  bool sensitivity = false;
  ExploreFileOptions options;
};

std::vector<Network> load_networks(const std::vector<std::string>& names) {
  std::vector<Network> networks;
  for (const std::string& name : names) {
    networks.push_back(find_network(name));
    const auto twice = [&](const Network& n) { return n.name() == networks.back().name(); };
    if (std::count_if(networks.begin(), networks.end(), twice) > 1) {
      throw InputError(fmt::format("network '{}' is given twice", networks.back().name()));
    }
  }
  return networks;
}

/// Throws InputError if a network's file would be that of a table or of another network.
void claim_files(const ExploreArguments& arguments, const std::vector<Network>& networks) {
  const std::filesystem::path folder = arguments.output;
  for (const char* table : {"pareto.csv", "infeasible.csv", "sensitivity.csv"}) {
    claim_output(folder / table, "a table of all networks");
  }
  for (const Network& network : networks) {
    claim_output(exploration_path(folder, network), fmt::format("network '{}'", network.name()));
  }
}

/// The command that goes on with what was stopped.
std::string resume_command(const ExploreArguments& arguments) {
  const ExploreOptions& options = arguments.options.explore;
  std::vector<std::string> words{"dovetail", "explore"};
  const auto add = [&](const std::string& option, const std::string& value) {
    words.insert(words.end(), {option, value});
  };
  for (const std::string& network : arguments.networks) add("-n", network);
  add("-s", arguments.space);
  add("-o", arguments.output);
  if (options.max_area_mm2) add("--max-area", format_number(*options.max_area_mm2));
  if (options.technology != "16nm") add("--technology", options.technology);
  if (arguments.front != ExploreArguments().front) add("--front", join(arguments.front, ","));
  if (arguments.sensitivity) words.emplace_back("--sensitivity");
  words.emplace_back("--resume");
  return shell_words(words);
}

Exploration explore_network(const ExploreArguments& arguments, const Network& network,
                            const DesignSpace& space, const std::string& position) {
  const std::uint64_t count = *space.decisions().count();
  std::optional<Progress> progress;  // from when the work begins
  std::size_t seen = 0;
  double fastest = 0;  // 0: none yet
  const auto tell = [&](const std::vector<Costs>& points) {
    if (!progress) {
      progress.emplace("exploring " + network.name() + position, count,
                       quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
    }
    for (; seen < points.size(); ++seen) {
      const double value = points[seen].latency_ms;
      if (points[seen].feasible() && (fastest == 0 || value < fastest)) fastest = value;
    }
    progress->update(points.size(), fastest > 0 ? fmt::format("fastest {:.4f} ms", fastest) : "");
    return !stop_requested();
  };
  Exploration exploration = {
      network.name(), explore_file(arguments.output, network, space, arguments.options, tell)};
  progress.reset();
  if (exploration.points.size() == count) return exploration;
  throw RunError(
      fmt::format("stopped; {} of {} configurations with {} are saved in {}. To go on: {}",
                  exploration.points.size(), count, network.name(), arguments.output,
                  resume_command(arguments)));
}

/// What is said of all networks together; the files of the exploration, in the order of a listing.
std::vector<std::filesystem::path> write_tables(const ExploreArguments& arguments,
                                                const std::vector<Exploration>& explorations,
                                                const DesignSpace& space,
                                                const std::vector<const Figure*>& figures) {
  const std::filesystem::path folder = arguments.output;
  const ExploreOptions& options = arguments.options.explore;
  std::vector<std::filesystem::path> files;
  for (const Exploration& exploration : explorations) {
    files.push_back(folder / (exploration.network + ".csv"));
  }
  const auto write = [&](const char* name, const std::string& content) {
    files.push_back(folder / name);
    write_file_atomically(files.back(), content);
  };
  write("pareto.csv", fronts_csv(explorations, space, options, figures));
  write("infeasible.csv", reasons_csv(explorations, space, options));
  if (!arguments.sensitivity) return files;
  write("sensitivity.csv", sensitivity_csv(explorations, space, options));
  const std::filesystem::path picture = folder / "sensitivity.png";
  run_plot_script("sensitivity.py", {files.back().string(), "-o", picture.string()});
  files.push_back(picture);
  return files;
}

void explore_all(ExploreArguments arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  if (arguments.max_area_mm2 > 0) {
    arguments.options.explore.max_area_mm2 = arguments.max_area_mm2;
  }
  std::vector<const Figure*> figures;
  for (const std::string& key : arguments.front) figures.push_back(&find_pair_figure(key));
  const std::vector<Network> networks = load_networks(arguments.networks);
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", arguments.space));
  if (arguments.sensitivity && space.decisions().count() == 1) {
    throw InputError(fmt::format(
        "--sensitivity: found one configuration in '{}', allowed two or more", space.name()));
  }
  claim_files(arguments, networks);
  require_folder_of(FolderKind::kExploration, arguments.output);

  std::vector<Exploration> explorations;
  for (const Network& network : networks) {
    const std::string position =
        networks.size() == 1 ? ""
                             : fmt::format(" ({} of {})", explorations.size() + 1, networks.size());
    explorations.push_back(explore_network(arguments, network, space, position));
    if (quiet()) continue;
    fmt::print("{}\n", front_table(explorations.back(), space, figures));
    if (arguments.sensitivity) {
      fmt::print("{}\n", sensitivity_table(explorations.back(), space));
    }
  }
  const std::vector<std::filesystem::path> files =
      write_tables(arguments, explorations, space, figures);
  if (quiet()) return;
  fmt::print("{}\nWritten:\n", reasons_table(explorations));
  for (const std::filesystem::path& file : files) fmt::print("  {}\n", file.string());
}

}  // namespace

void add_explore_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "explore", "Simulate every accelerator of a space for a network; the exact Pareto front");
  auto arguments = std::make_shared<ExploreArguments>();
  ExploreOptions& options = arguments->options.explore;
  options.workers = available_processors();
  std::vector<std::string> figures;
  for (const Figure* figure : pair_figures()) figures.push_back(figure->key);
  command
      ->add_option("-n,--network", arguments->networks,
                   "Zoo name, alias, network YAML or ONNX file; may be given several times")
      ->required()
      ->expected(1)
      ->take_all();
  command->add_option("-s,--space", arguments->space, "Design space: name or YAML")
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Folder for the results")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", options.workers,
                   "Processes that simulate (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  allow_positive(command->add_option("--max-area", arguments->max_area_mm2,
                                     "Leave out accelerators with a larger area, in mm2"));
  command->add_option("--front", arguments->front, "What the front minimises, of " + join(figures))
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--technology", options.technology, "Technology of the areas: name or YAML")
      ->capture_default_str();
  command->add_flag("--resume", arguments->options.resume,
                    "Keep what the folder has of the same networks and space, add the rest");
  command->add_flag("--sensitivity", arguments->sensitivity,
                    "What each step of each parameter does to latency, energy and area over the "
                    "whole space: a table, sensitivity.csv and sensitivity.png");
  command->footer(
      "Writes NETWORK.csv (one row a configuration), pareto.csv and infeasible.csv. Ctrl-C stops "
      "cleanly and saves; a running exploration saves every half a minute.");
  command->callback([arguments] { explore_all(*arguments); });
}

}  // namespace dovetail
