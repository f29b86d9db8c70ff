#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/files/paths.h"
#include "base/process/progress.h"
#include "base/process/worker_pool.h"
#include "base/text/error.h"
#include "cli/commands.h"
#include "cli/number_options.h"
#include "models/accuracy/source/accuracy_kind.h"
#include "nas/experiments/gradient/fitted_costs.h"
#include "nas/experiments/gradient/formulations.h"
#include "nas/experiments/gradient/formulations_report.h"
#include "nas/experiments/gradient/lambda_bench.h"
#include "nas/experiments/gradient/lambda_report.h"
#include "nas/experiments/gradient/surrogate_gradient_costs.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

/// What both benches have: the problem, and how a search goes.
struct GradientArguments {
  std::string networks = "anb_effnet", accelerators = "nahas_edge", accuracy = "anb_effnet";
  std::string technology = "16nm", model, output, loss = "logarithm";
  double max_area_mm2 = 0;  // 0: that of the design space's base
  CostFitOptions fit;
  GradientSearchOptions search;
  std::vector<double> targets{0.25, 0.35, 0.55};
  std::uint64_t seeds = 5;
  double smallest_lambda = 0.1, largest_lambda = 100;
  int workers = available_processors();
};

void add_gradient_options(CLI::App* command, GradientArguments& a) {
  command->add_option("-n,--network", a.networks, "Network space: name or YAML")
      ->capture_default_str();
  command->add_option("-s,--space", a.accelerators, "Design space: name or YAML")
      ->capture_default_str();
  command
      ->add_option("--accuracy", a.accuracy,
                   "Pair-product predictor of the network space: name or JSON (fit-accuracy)")
      ->capture_default_str();
  allow_positive(command->add_option("--targets", a.targets, "Latency targets in ms"))
      ->delimiter(',')
      ->capture_default_str();
  allow_positive(command->add_option("--max-area", a.max_area_mm2,
                                     "Of the accelerator in mm2 (default: that of the space's "
                                     "base)"));
  auto* model = command->add_option(
      "-m,--model", a.model,
      "Surrogate (HDF5) whose gradient tells latencies (default: a fit of simulated pairs)");
  command->add_option("--pairs", a.fit.pairs, "Simulated for the fit of latencies")
      ->check(CLI::Range(500, 10'000))
      ->excludes(model)
      ->capture_default_str();
  command->add_option("--steps", a.search.relaxed.steps, "Of a search")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  allow_positive(
      command->add_option("--learning-rate", a.search.relaxed.learning_rate, "Of a step"))
      ->capture_default_str();
  command
      ->add_option("--loss", a.loss,
                   "How latency enters: logarithm (lambda log T) or relative (lambda (T - target) "
                   "/ target)")
      ->capture_default_str();
  allow_positive(command->add_option("--smallest-lambda", a.smallest_lambda, "Of what is tried"))
      ->capture_default_str();
  allow_positive(command->add_option("--largest-lambda", a.largest_lambda, "Of what is tried"))
      ->capture_default_str();
  command->add_option("--seeds", a.seeds, "Searches of each kind")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--technology", a.technology, "Name or YAML")->capture_default_str();
  command->add_option("-o,--output", a.output, "Folder for the CSV files")->capture_default_str();
  command
      ->add_option("-w,--workers", a.workers,
                   "Processes that simulate (default: one a processor); changes no byte")
      ->check(CLI::Range(1, 4096));
}

/// The problem with its costs; the members need each other, so it stays where it is.
class GradientBench {
 public:
  explicit GradientBench(const GradientArguments& a)
      : space_({std::make_shared<NetworkSpace>(
                    NetworkSpace::load(resolve_config("spaces", a.networks))),
                std::nullopt, nullptr},
               hardware_side(a), Scope::kJoint),
        simulation_(pair_domain(*space_.network().space, *space_.hardware().space),
                    {a.technology, a.workers, {}, {}}),
        problem_(
            space_, RidgeModel::load(resolve_accuracy_file(a.accuracy)), simulation_,
            a.max_area_mm2 > 0 ? a.max_area_mm2 : simulation_.area_mm2(space_.hardware().baseline)),
        costs_(make_costs(a)) {}
  GradientBench(const GradientBench&) = delete;
  GradientBench& operator=(const GradientBench&) = delete;

  const GradientProblem& problem() const { return problem_; }
  DifferentiableCosts& costs() { return *costs_; }
  void print() const {
    if (quiet()) return;
    fmt::print("{}\narea: at most {:.2f} mm2\n\n", costs_->description(), problem_.max_area_mm2());
  }

 private:
  static HardwareSide hardware_side(const GradientArguments& a) {
    auto space =
        std::make_shared<DesignSpace>(DesignSpace::load(resolve_config("spaces", a.accelerators)));
    const AcceleratorConfig base = space->base();
    return {std::move(space), base, std::nullopt};
  }

  std::unique_ptr<DifferentiableCosts> make_costs(const GradientArguments& a) {
    if (a.model.empty()) {
      return fit_costs(space_, simulation_, a.fit, [] { return !stop_requested(); });
    }
    return surrogate_gradient_costs(space_,
                                    std::make_shared<const Surrogate>(Surrogate::load(a.model)));
  }

  SearchSpace space_;
  SimulationCosts simulation_;
  GradientProblem problem_;
  std::unique_ptr<DifferentiableCosts> costs_;
};

void require_sound(GradientArguments& a) {
  static_cast<void>(stop_requested());  // it is asked from here on, so a first signal waits for it
  if (a.smallest_lambda >= a.largest_lambda) {
    throw InputError("--smallest-lambda must be below --largest-lambda");
  }
  a.search.latency_loss = latency_loss_of_name(a.loss);
  require_writable_folder(a.output);
}

ProgressMode progress_mode() {
  return quiet() ? ProgressMode::kQuiet : ProgressMode::kAuto;
}

struct FormulationsArguments : GradientArguments {
  std::vector<std::string> relaxations;
  FormulationsOptions options;
};

void gradient(FormulationsArguments a) {
  require_sound(a);
  FormulationsOptions& options = a.options;
  for (const std::string& name : a.relaxations) {
    options.relaxations.push_back(relaxation_of_name(name));
  }
  GradientBench bench(a);
  bench.print();
  options.latency_targets_ms = a.targets;
  options.seeds = a.seeds;
  options.search = a.search;
  options.smallest_lambda = a.smallest_lambda;
  options.largest_lambda = a.largest_lambda;
  options.keep_going = [] { return !stop_requested(); };
  Progress progress("searches", a.targets.size() * (options.relaxations.size() + 1) * a.seeds,
                    progress_mode());
  options.progress = [&](std::uint64_t done, std::uint64_t) { progress.update(done); };
  const auto runs = run_formulations(bench.problem(), bench.costs(), options);
  progress.finish();
  const fs::path csv = fs::path(a.output) / "gradient.csv";
  write_file_atomically(csv, formulations_csv(bench.problem(), bench.costs(), options, runs));
  if (quiet()) return;
  fmt::print(
      "{} seeds, {} steps, lambda by bisection in {} searches, up to {} times; mean +- deviation.\n"
      "Answer: the most likely pair (random: the best predicted of at most {} within the limits). "
      "Best\n"
      "that holds: the most accurate of it and {} samples whose simulated latency holds the target "
      "and\nwhose area holds the limit (random: as many simulated, the most accurate first); in\n"
      "'found' of the seeds. Samples' sd: of what is drawn from the distribution found, as\n"
      "predicted. Accuracies are predicted; 'extrapolated' answers lie outside what the predictor\n"
      "was fitted on.\n\n{}\nWritten:\n  {}\n",
      a.seeds, a.search.relaxed.steps, options.tuning_searches, options.aims, options.random_pairs,
      options.samples, formulations_table(runs), csv.string());
}

struct LambdaArguments : GradientArguments {
  std::vector<std::string> methods;
  std::string relaxation = "softmax";
  LambdaBenchOptions options;
};

void lambda(LambdaArguments a) {
  require_sound(a);
  LambdaBenchOptions& options = a.options;
  for (const std::string& name : a.methods) options.methods.push_back(lambda_method_of_name(name));
  a.search.relaxation = relaxation_of_name(a.relaxation);
  GradientBench bench(a);
  bench.print();
  options.latency_targets_ms = a.targets;
  options.seeds = a.seeds;
  options.search = a.search;
  options.smallest_lambda = a.smallest_lambda;
  options.largest_lambda = a.largest_lambda;
  options.keep_going = [] { return !stop_requested(); };
  Progress progress("tunings", a.targets.size() * (options.methods.size() + 1) * a.seeds,
                    progress_mode());
  options.progress = [&](std::uint64_t done, std::uint64_t) { progress.update(done); };
  const LambdaBench found = run_lambda_bench(bench.problem(), bench.costs(), options);
  progress.finish();
  const fs::path folder = a.output;
  write_file_atomically(folder / "lambda_tuning.csv", lambda_tuning_csv(options, found));
  write_file_atomically(folder / "lambda_lengths.csv", lambda_lengths_csv(found));
  if (quiet()) return;
  fmt::print(
      "Tuning lambda for a latency target: top-1 x (target / T where T is beyond it), {} seeds; a\n"
      "tuning may take the steps of {} full searches of {}. All latencies are predicted.\n\n{}\n"
      "The best of {} lambdas in searches of fewer steps, and what the same lambda finds at full\n"
      "length. Over-constrained: it ends faster than the answer of the lambda that is best there.\n"
      "\n{}\nWritten:\n  {}\n  {}\n",
      a.seeds, options.budget_searches, a.search.relaxed.steps, tunings_table(options, found),
      options.grid, short_searches_table(found), (folder / "lambda_tuning.csv").string(),
      (folder / "lambda_lengths.csv").string());
}

void add_formulations_command(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "gradient", "Joint search by gradients: formulations side by side, and random pairs");
  auto a = std::make_shared<FormulationsArguments>();
  a->output = "out/gradient";
  for (const Relaxation relaxation : relaxations()) a->relaxations.push_back(to_string(relaxation));
  add_gradient_options(command, *a);
  command->add_option("--relaxations", a->relaxations, "Names, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--samples", a->options.samples,
                   "Drawn from the distribution found, and simulated")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command
      ->add_option("--aims", a->options.aims,
                   "Tunings for a target: where the answer, simulated, exceeds it, the next aims "
                   "lower by as much; the best is of all of them")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--random-pairs", a->options.random_pairs, "Within the limits, to compare")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command
      ->add_option("--random-draws", a->options.random_draws,
                   "Of which those within the limits are compared with")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  command->footer("Writes gradient.csv.");
  command->callback([a] { gradient(*a); });
}

void add_lambda_command(CLI::App& bench) {
  auto* command = bench.add_subcommand(
      "lambda", "Tune the weight of latency in a search by gradients for a latency target");
  auto a = std::make_shared<LambdaArguments>();
  a->output = "out/lambda";
  for (const LambdaMethod method : lambda_methods()) a->methods.push_back(to_string(method));
  add_gradient_options(command, *a);
  command->add_option("--methods", a->methods, "Names, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--relaxation", a->relaxation, "Of the searches")->capture_default_str();
  command
      ->add_option("--budget", a->options.budget_searches,
                   "Of a tuning: the steps of so many full searches")
      ->check(CLI::Range(4, 100'000))
      ->capture_default_str();
  command->add_option("--grid", a->options.grid, "Lambdas searched with at each length")
      ->check(CLI::Range(2, 100'000))
      ->capture_default_str();
  command->add_option("--short-steps", a->options.short_steps, "Lengths compared with the full one")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->footer("Writes lambda_tuning.csv and lambda_lengths.csv.");
  command->callback([a] { lambda(*a); });
}

}  // namespace

void add_gradient_benches(CLI::App& bench) {
  add_formulations_command(bench);
  add_lambda_command(bench);
}

}  // namespace dovetail
