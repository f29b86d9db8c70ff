#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/folder_kind.h"
#include "base/files/paths.h"
#include "base/files/scratch_folder.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/bare_command.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "cli/plot_runner.h"
#include "cli/trusted_study.h"
#include "nas/experiments/claims/claims.h"
#include "nas/experiments/claims/claims_report.h"
#include "nas/experiments/claims/surrogate_targets.h"
#include "nas/experiments/regret/benchmark_accuracies.h"
#include "nas/experiments/regret/overhead.h"
#include "nas/experiments/regret/regret.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

struct RegretArguments {
  std::string data, table, optimum, output = "out/regret";
  std::string networks = "nas_bench_macro", accelerators = "regret_grid", technology = "16nm";
  std::vector<std::string> strategies = default_regret_strategies();
  std::vector<std::string> limits, front;
  RegretSettings settings;
  RegretOptions options;
};

/// Of the file, which is made first if it is not there.
CostTable cost_table(const RegretArguments& arguments, const NetworkSpace& networks,
                     const DesignSpace& accelerators) {
  const fs::path file = arguments.table;
  if (fs::exists(file)) {
    return CostTable::load(file, networks, accelerators, arguments.technology);
  }
  require_writable_folder(file.has_parent_path() ? file.parent_path() : fs::path("."));
  Progress progress("simulating all pairs, accelerators", *accelerators.decisions().count(),
                    quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
  CostTable::Options options;
  options.technology = arguments.technology;
  options.workers = arguments.options.workers;
  options.keep_going = [&](std::uint64_t done, std::uint64_t) {
    progress.update(done);
    return !stop_requested();
  };
  const CostTable table = CostTable::enumerate(networks, accelerators, options);
  progress.finish();
  table.save(file, networks, accelerators);
  return table;
}

void print_problem(const RegretProblem& problem) {
  const KnownOptimum& optimum = problem.optimum();
  const RegretSettings& settings = problem.settings();
  fmt::print(
      "enumerated: {} distinct networks x {} accelerators = {} pairs, {} of them feasible\n"
      "acceptable: {:.3g} % of the pairs hold {}{}\n"
      "true front: {} points; hypervolume {:.6g} against {}\n"
      "best reward: {:.6f} ({}, target {} ms)\n\n",
      optimum.networks, optimum.accelerators, optimum.networks * optimum.accelerators,
      optimum.feasible_pairs, 100 * optimum.acceptable_share(), settings.limits_text(),
      settings.area_known ? "; areas are known beforehand" : "", optimum.front.size(),
      optimum.best_hypervolume, settings.front_text(), optimum.best_reward, settings.reward,
      settings.target_latency_ms);
}

/// Measured ones; without a file of them all networks are as accurate, if that is of no concern.
std::vector<double> accuracies(const RegretArguments& arguments, const NetworkSpace& networks) {
  if (!arguments.data.empty()) return read_benchmark_accuracies(arguments.data, networks);
  if (!arguments.table.empty() && arguments.settings.uses("top1_percent")) {
    throw InputError(
        "bench regret: give --data FILE, the measured accuracies, since a front or "
        "a limit is of top1_percent");
  }
  return std::vector<double>(*networks.decisions().count(), 100);
}

/// "METRIC=VALUE" for each.
std::vector<MetricBound> bounds_of(const std::string& option,
                                   const std::vector<std::string>& texts) {
  std::vector<MetricBound> bounds;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::optional<double> value =
        equals < text.size() ? decimal_number(text.substr(equals + 1)) : std::nullopt;
    if (!value) {
      throw InputError(option + ": found '" + text + "', allowed METRIC=VALUE, as area_mm2=20");
    }
    bounds.push_back({text.substr(0, equals), *value});
  }
  return bounds;
}

/// From the table of all pairs if one is named, else from the optimum that is known.
RegretProblem make_problem(const RegretArguments& arguments) {
  const bool enumerated = !arguments.table.empty();
  if (!enumerated && arguments.optimum.empty()) {
    throw InputError(
        "bench regret: give --table FILE, which is made if it is missing, or --optimum FILE, the "
        "optimum.json of an earlier run");
  }
  const auto networks = std::make_shared<NetworkSpace>(
      NetworkSpace::load(resolve_config("spaces", arguments.networks)));
  const auto accelerators = std::make_shared<DesignSpace>(
      DesignSpace::load(resolve_config("spaces", arguments.accelerators)));
  std::vector<double> top1 = accuracies(arguments, *networks);
  if (enumerated) {
    return {networks, accelerators, cost_table(arguments, *networks, *accelerators),
            std::move(top1), arguments.settings};
  }
  return {networks, accelerators, KnownOptimum::load(arguments.optimum), std::move(top1),
          arguments.settings.area_known};
}

void regret(RegretArguments arguments) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  RegretOptions& options = arguments.options;
  for (const std::string& text : arguments.strategies) {
    options.strategies.push_back(StrategyChoice::parse(text));
  }
  if (!arguments.limits.empty())
    arguments.settings.limits = bounds_of("--limits", arguments.limits);
  if (!arguments.front.empty()) arguments.settings.front = bounds_of("--front", arguments.front);
  arguments.settings.require_sound();
  const fs::path folder = arguments.output;
  require_folder_of(FolderKind::kRegret, folder);
  require_writable_folder(folder);
  const RegretProblem problem = make_problem(arguments);
  if (!quiet()) print_problem(problem);
  options.keep_going = [] { return !stop_requested(); };
  const auto runs = run_regret(problem, options);
  write_file_atomically(folder / "regret.csv", regret_csv(problem, options, runs));
  write_file_atomically(folder / "regret_runs.csv", regret_runs_csv(problem, options, runs));
  std::vector<std::string> written{(folder / "regret.csv").string(),
                                   (folder / "regret_runs.csv").string()};
  if (!arguments.table.empty()) {
    written.push_back((folder / "optimum.json").string());
    write_file_atomically(written.back(), problem.optimum().to_json());
  }
  if (quiet()) return;
  fmt::print(
      "{} evaluations, {} seeds: median (quartiles); 1 is no regret. 'after' is what a strategy\n"
      "maximises; 'violating' the share of what it asked for that breaks the constraint; 'near\n"
      "optimum after' the median of evaluations to {} % of the best reward; 'ahead of random' the\n"
      "share of pairs of searches in which it has more of what it is after, 'beats random' "
      "whether\n"
      "that is significant (Mann-Whitney, one-sided, 5 %).\n\n{}\n"
      "Written:\n  {}\n",
      options.evaluations, options.seeds, 100 * kNearOptimum, regret_table(options, runs),
      join(written, "\n  "));
}

void add_regret_command(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "regret", "Measure strategies against a known optimum: all pairs of two small spaces");
  auto arguments = std::make_shared<RegretArguments>();
  RegretOptions& options = arguments->options;
  RegretSettings& settings = arguments->settings;
  options.workers = available_processors();
  command->add_option("--data", arguments->data,
                      "Measured accuracies: nas-bench-macro_cifar10.json of NAS-Bench-Macro");
  auto* table = command->add_option(
      "--table", arguments->table,
      "Latencies of all pairs (HDF5), made if missing; looked up instead of simulating");
  command
      ->add_option("--optimum", arguments->optimum,
                   "Instead: the optimum.json of an earlier run from a table; pairs are simulated")
      ->excludes(table);
  command->add_option("-n,--network", arguments->networks, "Network space: name or YAML")
      ->capture_default_str();
  command->add_option("-s,--space", arguments->accelerators, "Design space: name or YAML")
      ->capture_default_str();
  command
      ->add_option("--strategies", arguments->strategies,
                   "NAME or NAME:KEY=VALUE:..., separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("-e,--evaluations", options.evaluations, "Of a search")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--seeds", options.seeds, "Searches of each strategy")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--limits", arguments->limits,
                   "Limits, METRIC=VALUE separated by commas (default: area_mm2=10)")
      ->delimiter(',')
      ->needs(table);
  command
      ->add_option(
          "--front", arguments->front,
          "Metrics of the front with its reference point, METRIC=VALUE separated by commas "
          "(default: top1_percent=88,latency_ms=0.5)")
      ->delimiter(',')
      ->needs(table);
  command->add_flag("--area-known", settings.area_known,
                    "Strategies may look at the area of what they have not asked for");
  command
      ->add_option(
          "--predicted", options.predicted_from,
          "Strategies take linear models of so many random pairs for what holds a limit on "
          "a cost (0: they learn it)")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_option("--reward", settings.reward, "Kind of reward")
      ->needs(table)
      ->capture_default_str();
  allow_positive(
      command->add_option("--target-latency", settings.target_latency_ms, "Of the reward, in ms"))
      ->needs(table)
      ->capture_default_str();
  command->add_option("--technology", arguments->technology, "Name or YAML")
      ->needs(table)
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Folder for the CSV files")
      ->capture_default_str();
  command
      ->add_option("-w,--workers", options.workers,
                   "Processes (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  command->footer(
      "A table takes minutes (2048 accelerators: 8 million simulations), is used again, and allows "
      "other spaces, rewards and limits. Writes regret.csv, regret_runs.csv and, from a table, "
      "optimum.json.");
  command->callback([arguments] { regret(*arguments); });
}

struct OverheadArguments {
  std::vector<std::string> strategies{"random", "regularized_evolution", "nsga2"};
  std::string networks = "nahas_s1", accelerators = "nahas_edge";
  std::string folder;
  std::size_t trials = 10'000;
};

void overhead(const OverheadArguments& arguments) {
  const SearchSpace space({std::make_shared<NetworkSpace>(
                               NetworkSpace::load(resolve_config("spaces", arguments.networks))),
                           std::nullopt, nullptr},
                          {std::make_shared<DesignSpace>(
                               DesignSpace::load(resolve_config("spaces", arguments.accelerators))),
                           {},
                           std::nullopt},
                          Scope::kJoint);
  Table table({{"strategy", Table::Align::kLeft},
               {"trials"},
               {"ask + tell [us/trial]"},
               {"store [us/trial]"},
               {"sum [us/trial]"}});
  std::optional<ScratchFolder> scratch;
  fs::path folder = arguments.folder;
  if (folder.empty()) folder = scratch.emplace().path();
  require_writable_folder(folder);
  for (const std::string& text : arguments.strategies) {
    const StrategyChoice choice = StrategyChoice::parse(text);
    const StrategyOverhead spent = strategy_overhead(space, choice, arguments.trials, folder);
    table.add_row({text, std::to_string(arguments.trials), fmt::format("{:.1f}", spent.ask_tell_us),
                   fmt::format("{:.1f}", spent.store_us),
                   fmt::format("{:.1f}", spent.ask_tell_us + spent.store_us)});
  }
  if (!quiet()) fmt::print("{}", table.str());
}

void add_overhead_command(CLI::App& bench) {
  auto* command =
      bench.add_subcommand("overhead", "Time of a search beside the evaluations, per trial");
  auto arguments = std::make_shared<OverheadArguments>();
  command
      ->add_option("--strategies", arguments->strategies,
                   "NAME or NAME:KEY=VALUE:..., separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("-n,--network", arguments->networks, "Network space: name or YAML")
      ->capture_default_str();
  command->add_option("-s,--space", arguments->accelerators, "Design space: name or YAML")
      ->capture_default_str();
  command->add_option("--trials", arguments->trials, "Candidates, with invented outcomes")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option(
      "-o,--output", arguments->folder,
      "Folder for the study that is written and removed again, on the disk to measure "
      "(default: a new one for temporary files)");
  command->callback([arguments] { overhead(*arguments); });
}

/// A study for each of several latency targets.
struct SeriesArguments {
  FolderKind kind = FolderKind::kClaims;
  std::string study, output, surrogate;
  std::vector<double> targets;
  std::vector<std::uint64_t> seeds;
  int workers = available_processors();
  bool trust = false;

  StudyConfig load() const {
    StudyConfig config = load_trusted_study(study, trust, false);
    if (!seeds.empty()) config.seeds = seeds;
    require_folder_of(kind, output);
    require_writable_folder(output);
    return config;
  }
};

void add_series_options(CLI::App* command, SeriesArguments& arguments, const std::string& study,
                        const std::string& files) {
  command->add_option("study", arguments.study, study)->required();
  allow_positive(
      command->add_option("--targets", arguments.targets, "Latency targets in ms (0.2,0.3)"))
      ->delimiter(',')
      ->required();
  allow_study_seeds(
      command->add_option("--seed", arguments.seeds, "Seeds instead of those of the study (1,2,3)"))
      ->delimiter(',');
  command->add_option("-o,--output", arguments.output, "Folder of the studies and of " + files)
      ->capture_default_str();
  command
      ->add_option("-w,--workers", arguments.workers,
                   "Processes (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
  add_trust_option(*command, arguments.trust);
  command->footer("A stopped run goes on where it was when called again.");
}

/// Runs the series with a line of progress, stopped by Ctrl-C.
template <typename Options, typename Run>
auto run_series(const SeriesArguments& arguments, Options options, Run run) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  const StudyConfig study = arguments.load();
  options.latency_targets_ms = arguments.targets;
  options.folder = arguments.output;
  options.workers = arguments.workers;
  options.keep_going = [] { return !stop_requested(); };
  std::optional<Progress> progress;  // from the first study on, since the studies may be refused
  options.progress = [&](std::uint64_t done, std::uint64_t of) {
    if (!progress)
      progress.emplace("studies", of, quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto);
    progress->update(done);
  };
  auto searches = run(study, options);
  if (progress) progress->finish();
  return searches;
}

void claims(const SeriesArguments& arguments) {
  const ClaimsResults results = run_series(arguments, ClaimsOptions{}, run_claims);
  const std::string csv = arguments.output + "/claims.csv",
                    networks = arguments.output + "/published.csv",
                    picture = arguments.output + "/claims.png";
  write_file_atomically(csv, claims_csv(results));
  write_file_atomically(networks, published_networks_csv(results));
  run_plot_script("claims.py", {csv, "-o", picture});
  if (quiet()) return;
  fmt::print("{}\nWritten:\n  {}\n  {}\n  {}\n", claims_text(results), csv, networks, picture);
}

void add_claims_command(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "claims", "NAHAS's claims: joint search against fixed hardware and against phases");
  auto arguments = std::make_shared<SeriesArguments>();
  arguments->kind = FolderKind::kClaims;
  arguments->output = "out/claims";
  add_series_options(
      command, *arguments,
      "Study YAML of scope phase with a latency reward, or a name in configs/studies",
      "claims.csv, published.csv and claims.png");
  command->callback([arguments] { claims(*arguments); });
}

void targets(const SeriesArguments& arguments) {
  TargetsOptions options;
  options.surrogate = arguments.surrogate;
  const auto searches = run_series(arguments, options, run_targets);
  const std::string csv = arguments.output + "/targets.csv";
  write_file_atomically(csv, targets_csv(searches));
  if (!quiet()) fmt::print("{}\nWritten:\n  {}\n", targets_text(searches), csv);
}

void add_targets_command(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "targets", "How near to its latency target comes what a search on a surrogate finds");
  auto arguments = std::make_shared<SeriesArguments>();
  arguments->kind = FolderKind::kTargets;
  arguments->output = "out/targets";
  add_series_options(
      command, *arguments,
      "Study YAML on a surrogate with a latency reward, or a name in configs/studies",
      "targets.csv");
  command->add_option("-m,--model", arguments->surrogate,
                      "Surrogate in place of the study's (HDF5)");
  command->callback([arguments] { targets(*arguments); });
}

}  // namespace

void add_bench_command(CLI::App& app) {
  auto* command = app.add_subcommand("bench", "Measure search strategies");
  print_help_if_bare(*command);
  add_regret_command(*command);
  add_overhead_command(*command);
  add_claims_command(*command);
  add_targets_command(*command);
  add_gradient_benches(*command);
  add_cost_models_bench(*command);
  add_fidelity_bench(*command);
}

}  // namespace dovetail
