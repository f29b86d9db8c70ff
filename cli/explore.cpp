#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
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
#include "cli/service_option.h"
#include "models/network/zoo.h"
#include "nas/experiments/explore/choice_query.h"
#include "nas/experiments/explore/choice_report.h"
#include "nas/experiments/explore/exploration_file.h"
#include "nas/experiments/explore/explore_report.h"
#include "nas/experiments/explore/sensitivity.h"
#include "sim/simulator.h"

namespace dovetail {
namespace {

constexpr const char* kSetFront = "set_front.csv";
constexpr const char* kChoice = "choice.csv";
constexpr const char* kChosen = "chosen.yaml";
/// What an exploration writes only if it is asked for, of all networks and within the limits.
constexpr std::array kAnswers{kSetFront, kChoice, kChosen};

struct ExploreArguments {
  std::vector<std::string> networks;
  ChoiceWords choice;
  std::string space = "nahas_edge", output = "out/explore", service;
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
  for (const char* answer : kAnswers) claim_output(folder / answer, "a table of all networks");
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
  if (arguments.max_area_mm2 > 0) add("--max-area", format_number(arguments.max_area_mm2));
  if (options.technology != "16nm") add("--technology", options.technology);
  if (!arguments.service.empty()) add("--service", arguments.service);
  const ChoiceWords& choice = arguments.choice;
  if (!choice.front.empty()) add("--front", join(choice.front, ","));
  for (const std::string& limit : choice.limits) add("--max", limit);
  for (const std::string& weight : choice.weights) add("--weight", weight);
  if (!choice.choose.empty()) add("--choose", choice.choose);
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
      progress->go_on_from(points.size());
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
  throw RunError(fmt::format("{}; {} of {} configurations with {} are saved in {}. To go on: {}",
                             stopped_text(), exploration.points.size(), count, network.name(),
                             arguments.output, resume_command(arguments)));
}

/// What the networks take on the accelerator that the space starts from.
std::vector<ExploredNetwork> on_the_base(const ExploreArguments& arguments,
                                         const std::vector<Network>& networks,
                                         const DesignSpace& space) {
  Simulator simulator(totals_only(arguments.options.explore.technology));
  std::vector<ExploredNetwork> explored;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const SimulationResult base = simulator.run(networks[n], space.base());
    explored.push_back({arguments.networks[n], networks[n].name(),
                        base.feasible() ? base.latency_ms : Costs::kUnknown});
  }
  return explored;
}

/// Of --front, what can be said of one network; without any, latency and area.
std::vector<const Figure*> figures_of_one(const ChoiceWords& words) {
  std::vector<const Figure*> figures;
  for (const std::string& key : words.front) {
    for (const Figure* figure : pair_figures()) {
      if (figure->key == key) figures.push_back(figure);
    }
  }
  if (!figures.empty()) return figures;
  return {&find_pair_figure("latency_ms"), &find_pair_figure("area_mm2")};
}

/// Whether something is asked that is of all networks at once.
bool asks_of_the_set(const ExploreArguments& arguments) {
  const bool front_of_set = std::ranges::any_of(arguments.choice.front, [](const auto& key) {
    return std::ranges::none_of(pair_figures(), [&](const Figure* f) { return f->key == key; });
  });
  return arguments.networks.size() > 1 || front_of_set || !arguments.choice.empty();
}

/// What is above a limit on the area need not be simulated; but what there is, with a wider limit,
/// is not thrown away for it.
void limit_area(ExploreArguments& arguments, const ChoiceQuery& query, const Network& first) {
  ExploreOptions& options = arguments.options.explore;
  if (arguments.max_area_mm2 > 0) options.max_area_mm2 = arguments.max_area_mm2;
  const std::optional<double> most = area_limit(query);
  if (options.max_area_mm2 || !most) return;
  options.max_area_mm2 = most;
  if (!arguments.options.resume) return;
  const std::optional<double> there = explored_area_limit(arguments.output, first);
  if (!there || *there < *most) return;
  options.max_area_mm2 = std::isinf(*there) ? std::nullopt : there;
}

/// The answer for all networks together: printed, and its files added. Throws RunError if one is
/// to be chosen and none holds the limits.
void answer_for_all(const ExploreArguments& arguments, const std::vector<Exploration>& explorations,
                    const ChoiceQuery& query, const DesignSpace& space,
                    std::vector<std::filesystem::path>& files) {
  const SetChoice choice = choose(ExploredSet(explorations), query);
  const ExploreOptions& options = arguments.options.explore;
  const auto write = [&](const char* name, const std::string& content) {
    files.push_back(std::filesystem::path(arguments.output) / name);
    write_file_atomically(files.back(), content);
  };
  write(kSetFront, set_front_csv(explorations, query, choice, space, options));
  if (query.choose) write(kChoice, choice_csv(explorations, query, choice, space, options));
  const bool chosen = query.choose && !choice.within.empty();
  if (chosen) {
    const Choices best = space.decisions().from_index(choice.within.front());
    write(kChosen, space.decode(best).to_yaml());
  }
  if (!quiet()) fmt::print("{}\n", choice_text(explorations, query, choice, space));
  if (!query.choose || chosen) return;
  throw RunError(fmt::format("no configuration of '{}' is within all limits", space.name()));
}

/// What was asked of the folder before (other limits, other networks) is answered by other files
/// than these; what each network was found to cost stays.
void remove_answers(const std::filesystem::path& folder) {
  for (const char* answer : kAnswers) {
    std::error_code none_yet;
    std::filesystem::remove(folder / answer, none_yet);
  }
}

/// What is said of all networks together; the files of the exploration, in the order of a listing.
std::vector<std::filesystem::path> write_tables(const ExploreArguments& arguments,
                                                const std::vector<Exploration>& explorations,
                                                const DesignSpace& space,
                                                const std::vector<const Figure*>& figures,
                                                const ChoiceQuery& query) {
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
  const std::string limits = query.limits.empty() ? "" : limits_text(query.limits);
  write("pareto.csv", fronts_csv(explorations, space, options, figures, limits));
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
  const std::vector<const Figure*> figures = figures_of_one(arguments.choice);
  const std::vector<Network> networks = load_networks(arguments.networks);
  const DesignSpace space = DesignSpace::load(resolve_config("spaces", arguments.space));
  if (arguments.sensitivity && space.decisions().count() == 1) {
    throw InputError(fmt::format(
        "--sensitivity: found one configuration in '{}', allowed two or more", space.name()));
  }
  const ChoiceQuery query = read_choice(arguments.choice, on_the_base(arguments, networks, space));
  limit_area(arguments, query, networks.front());
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
  remove_answers(arguments.output);
  std::vector<std::filesystem::path> files =
      write_tables(arguments, explorations, space, figures, query);
  if (!quiet()) fmt::print("{}\n", reasons_table(explorations));
  if (asks_of_the_set(arguments)) answer_for_all(arguments, explorations, query, space, files);
  if (quiet()) return;
  fmt::print("Written:\n");
  for (const std::filesystem::path& file : files) fmt::print("  {}\n", file.string());
}

void add_choice_options(CLI::App& command, ChoiceWords& words,
                        const std::vector<std::string>& figures) {
  const auto several = [&](const char* name, std::vector<std::string>& values, const char* what) {
    command.add_option(name, values, what)->expected(1)->take_all();
  };
  command
      .add_option("--front", words.front,
                  "What the front minimises, of " + join(figures) +
                      " (default: latency_ms,area_mm2); of several networks at once also "
                      "latency_ratio_max (the default), latency_ms@NETWORK, energy_mj_sum, ...")
      ->delimiter(',');
  several("--max", words.limits,
          "FIGURE=NUMBER: an upper bound that one accelerator for all networks has to hold: "
          "area_mm2=15, power_mw=900 (of each), latency_ms@resnet18=5; may be given several times");
  several("--weight", words.weights,
          "NETWORK=NUMBER: what it counts in means and sums (default: 1); may be given several "
          "times");
  command.add_option("--choose", words.choose,
                     "Choose the accelerator with the least of this figure within the limits, and "
                     "write it as chosen.yaml");
}

}  // namespace

void add_explore_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "explore",
      "Simulate every accelerator of a space for networks: exact fronts, one chip for all");
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
  add_service_option(*command, arguments->service);
  allow_positive(command->add_option("--max-area", arguments->max_area_mm2,
                                     "Leave out accelerators with a larger area, in mm2"));
  add_choice_options(*command, arguments->choice, figures);
  command->add_option("--technology", options.technology, "Technology of the areas: name or YAML")
      ->capture_default_str();
  command->add_flag("--resume", arguments->options.resume,
                    "Keep what the folder has of the same networks and space, add the rest");
  command->add_flag("--sensitivity", arguments->sensitivity,
                    "What each step of each parameter does to latency, energy and area over the "
                    "whole space: a table, sensitivity.csv and sensitivity.png");
  command->footer(
      "Writes NETWORK.csv (one row a configuration), pareto.csv and infeasible.csv; of several\n"
      "networks or with limits set_front.csv, and with --choose choice.csv and chosen.yaml. "
      "Ctrl-C\n"
      "stops cleanly and saves; a running exploration saves every half a minute.");
  command->callback([arguments] {
    ExploreOptions& explore = arguments->options.explore;
    explore.run = service_runner(arguments->service, explore.workers);
    explore_all(*arguments);
  });
}

}  // namespace dovetail
