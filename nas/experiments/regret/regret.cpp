#include "nas/experiments/regret/regret.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/numbers/samples.h"
#include "base/process/fields.h"
#include "base/process/worker_pool.h"
#include "base/text/csv.h"
#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/attainment.h"
#include "nas/evaluation/linear_cost.h"
#include "nas/objective/hypervolume.h"
#include "nas/strategy/default_strategy.h"

namespace dovetail {
namespace {

using Runs = std::vector<std::vector<RegretRun>>;

double parameter_value(const StrategyParameter& parameter, const std::string& text) {
  const std::optional<double> value = decimal_number(text);
  if (!value || *value < parameter.min || *value > parameter.max ||
      (parameter.integer && *value != std::floor(*value))) {
    throw InputError(fmt::format("{}: found '{}', allowed {} from {} to {}", parameter.name, text,
                                 parameter.integer ? "an integer" : "a number",
                                 format_number(parameter.min), format_number(parameter.max)));
  }
  return *value;
}

RegretRun search(const RegretProblem& problem, const StrategyChoice& choice,
                 const RegretOptions& options, std::uint64_t seed) {
  const std::size_t evaluations = options.evaluations;
  RegretRun run;
  std::optional<PredictedDomain> predicted;
  if (options.predicted_from > 0) {
    predicted.emplace(
        problem, problem.objective().constraints,
        [&](const Choices& choices) { return problem.costs_of(choices); }, options.predicted_from,
        seed);
    for (const PredictedDomain::Limit& limit : predicted->limits()) {
      run.rmspe_percent = std::max(run.rmspe_percent, limit.model.rmspe_percent());
    }
  }
  const SearchDomain& domain = predicted ? static_cast<const SearchDomain&>(*predicted) : problem;
  const auto strategy = choice.make(domain, evaluations, seed);
  SearchHistory history;
  std::vector<bool> acceptable;
  while (run.evaluations < evaluations) {
    const auto asked = strategy->ask(
        std::min<std::size_t>(strategy->preferred_batch(), evaluations - run.evaluations));
    if (asked.empty()) break;
    std::vector<Outcome> outcomes;
    for (const Choices& choices : asked) {
      outcomes.push_back(problem.outcome(choices));
      const Outcome& outcome = outcomes.back();
      history.add(outcome);
      ++run.evaluations;
      run.violating += outcome.valid && outcome.violation > 0;
      acceptable.push_back(outcome.acceptable());
    }
    strategy->tell(asked, outcomes);
  }
  const Objective& objective = problem.objective();
  const auto acceptable_of = [&](std::uint64_t first) {
    const auto end = acceptable.begin() + static_cast<std::ptrdiff_t>(first);
    return static_cast<std::uint64_t>(std::count(acceptable.begin(), end, true));
  };
  run.acceptable = acceptable_of(run.evaluations);
  run.near_optimum_after = static_cast<std::uint64_t>(
      history.evaluations_to_reward(kNearOptimum * problem.best_reward()).value_or(0));
  run.acceptable_until_near_optimum = acceptable_of(run.near_optimum_after);
  run.hypervolume_ratio =
      hypervolume(history.front().points(), objective.minimised(objective.reference)) /
      problem.best_hypervolume();
  run.reward_ratio = history.best_reward().value_or(0) / problem.best_reward();
  return run;
}

/// The figure that a strategy is after.
std::vector<double> ratios(const std::vector<RegretRun>& runs, bool reward) {
  std::vector<double> values;
  for (const RegretRun& run : runs) {
    values.push_back(reward ? run.reward_ratio : run.hypervolume_ratio);
  }
  return values;
}

double mean_acceptable(const std::vector<RegretRun>& runs) {
  double sum = 0;
  for (const RegretRun& run : runs) {
    sum += static_cast<double>(run.acceptable) / static_cast<double>(run.evaluations);
  }
  return sum / static_cast<double>(runs.size());
}

double mean_violating(const std::vector<RegretRun>& runs) {
  double sum = 0;
  for (const RegretRun& run : runs) {
    sum += static_cast<double>(run.violating) / static_cast<double>(run.evaluations);
  }
  return sum / static_cast<double>(runs.size());
}

/// Median over the searches of the evaluations to the near-optimal region, those that never came
/// there counted as infinitely many; nothing if that is the median.
std::optional<double> median_near_optimum(const std::vector<RegretRun>& runs) {
  std::vector<double> counts;
  for (const RegretRun& run : runs) {
    counts.push_back(run.near_optimum_after > 0 ? static_cast<double>(run.near_optimum_after)
                                                : std::numeric_limits<double>::max());
  }
  std::sort(counts.begin(), counts.end());
  const double median = counts[counts.size() / 2];  // the upper one of two
  return median < std::numeric_limits<double>::max() ? std::optional(median) : std::nullopt;
}

/// Position of "random" with which the others are compared, if it ran.
std::optional<std::size_t> position_of_random(const RegretOptions& options) {
  for (std::size_t s = 0; s < options.strategies.size(); ++s) {
    if (options.strategies[s].label == "random") return s;
  }
  return std::nullopt;
}

struct AgainstRandom {
  std::string ahead, verdict;
};
AgainstRandom with_random(const RegretOptions& options, const Runs& runs, std::size_t s,
                          bool reward) {
  const auto random = position_of_random(options);
  if (!random || *random == s) return {};
  const std::vector<double> own = ratios(runs[s], reward), base = ratios(runs[*random], reward);
  return {fmt::format("{:.2f}", superiority(own, base)), significantly_larger(own, base)   ? "yes"
                                                         : significantly_larger(base, own) ? "worse"
                                                                                           : "no"};
}

/// Both files say of which problem they are.
CsvWriter regret_writer(const char* schema, const RegretProblem& problem,
                        const RegretOptions& options) {
  const KnownOptimum& optimum = problem.optimum();
  const RegretSettings& settings = problem.settings();
  CsvWriter csv(schema);
  csv.note("enumerated",
           fmt::format("{} networks x {} accelerators, {} of the pairs feasible", optimum.networks,
                       optimum.accelerators, optimum.feasible_pairs));
  csv.note("limits", settings.limits_text());
  csv.note("area_known", settings.area_known ? "true" : "false");
  csv.note("reward",
           fmt::format("{}, target_latency_ms {}", settings.reward, settings.target_latency_ms));
  csv.note("reference", settings.front_text());
  csv.note("best_hypervolume", format_number(problem.best_hypervolume()));
  csv.note("best_reward", format_number(problem.best_reward()));
  csv.note("evaluations", std::to_string(options.evaluations));
  csv.note("seeds", std::to_string(options.seeds));
  csv.note("predicted_from", std::to_string(options.predicted_from));
  return csv;
}

}  // namespace

std::unique_ptr<Strategy> StrategyChoice::make(const SearchDomain& domain, std::size_t evaluations,
                                               std::uint64_t seed) const {
  if (info != nullptr) {
    return info->make(domain, for_evaluations(parameters, evaluations), seed);
  }
  const DefaultStrategy chosen = default_strategy(evaluations, domain.decisions().cardinality());
  return chosen.info->make(domain, chosen.parameters, seed);
}

bool StrategyChoice::uses_reward() const {
  return info != nullptr && info->uses_reward;
}

StrategyChoice StrategyChoice::parse(const std::string& text) {
  if (text == kDefaultStrategy) return {text, nullptr, {}};
  const std::vector<std::string> parts = split(text, ':');
  StrategyChoice choice{text, &find_strategy(parts.front()), {}};
  choice.parameters = choice.info->defaults();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = std::min(parts[i].find('='), parts[i].size());
    const std::string key = parts[i].substr(0, equals);
    std::vector<std::string> known;
    for (const StrategyParameter& parameter : choice.info->parameters) {
      known.push_back(parameter.name);
      if (parameter.name != key) continue;
      const std::string value = parts[i].substr(std::min(equals + 1, parts[i].size()));
      choice.parameters[key] = parameter_value(parameter, value);
    }
    if (!choice.parameters.contains(key)) {
      throw InputError(unknown_name("parameter of " + choice.info->name, key, known));
    }
  }
  return choice;
}

std::vector<std::string> default_regret_strategies() {
  std::vector<std::string> names{"random", kDefaultStrategy};
  for (const StrategyInfo& info : strategies()) {
    if (info.name != "random" && info.uses_seed) names.push_back(info.name);
  }
  names.push_back("bayesian:constraints=0");
  return names;
}

Runs run_regret(const RegretProblem& problem, const RegretOptions& options) {
  const std::uint64_t tasks = options.strategies.size() * options.seeds;
  Runs runs(options.strategies.size(), std::vector<RegretRun>(options.seeds));
  const auto work = [&](std::uint64_t task) {
    const RegretRun run =
        search(problem, options.strategies[task / options.seeds], options, task % options.seeds);
    return write_fields(run.evaluations, run.acceptable, run.violating, run.near_optimum_after,
                        run.acceptable_until_near_optimum, run.rmspe_percent, run.hypervolume_ratio,
                        run.reward_ratio);
  };
  const auto deliver = [&](std::uint64_t task, const std::string& bytes) {
    RegretRun& run = runs[task / options.seeds][task % options.seeds];
    read_fields(bytes, run.evaluations, run.acceptable, run.violating, run.near_optimum_after,
                run.acceptable_until_near_optimum, run.rmspe_percent, run.hypervolume_ratio,
                run.reward_ratio);
  };
  if (run_in_workers(tasks, options.workers, work, deliver, options.keep_going) < tasks) {
    throw RunError("stopped; nothing is written but the table");
  }
  return runs;
}

std::string regret_table(const RegretOptions& options, const Runs& runs) {
  using Align = Table::Align;
  Table table({{"strategy", Align::kLeft},
               {"after", Align::kLeft},
               {"violating"},
               {"hypervolume ratio", Align::kLeft},
               {"best reward ratio", Align::kLeft},
               {"near optimum after"},
               {"ahead of random"},
               {"beats random", Align::kLeft}});
  const auto text = [](const Quartiles& q) {
    return fmt::format("{:.4f} ({:.4f}-{:.4f})", q.median, q.first, q.third);
  };
  for (std::size_t s = 0; s < runs.size(); ++s) {
    const bool reward = options.strategies[s].uses_reward();
    const AgainstRandom comparison = with_random(options, runs, s, reward);
    const std::optional<double> near = median_near_optimum(runs[s]);
    table.add_row({options.strategies[s].label, reward ? "reward" : "front",
                   fmt::format("{:.0f} %", 100 * mean_violating(runs[s])),
                   text(Quartiles::of(ratios(runs[s], false))),
                   text(Quartiles::of(ratios(runs[s], true))),
                   near ? fmt::format("{:.0f}", *near) : fmt::format("> {}", options.evaluations),
                   comparison.ahead, comparison.verdict});
  }
  return table.str();
}

std::string regret_csv(const RegretProblem& problem, const RegretOptions& options,
                       const Runs& runs) {
  CsvWriter csv = regret_writer("dovetail.regret/1", problem, options);
  csv.header({{"strategy"},
              {"after"},
              {"acceptable_share"},
              {"violating_share"},
              {"near_optimum_after", "evaluations"},
              {"hypervolume_ratio_q1"},
              {"hypervolume_ratio_median"},
              {"hypervolume_ratio_q3"},
              {"reward_ratio_q1"},
              {"reward_ratio_median"},
              {"reward_ratio_q3"},
              {"ahead_of_random"},
              {"beats_random"}});
  for (std::size_t s = 0; s < runs.size(); ++s) {
    const bool reward = options.strategies[s].uses_reward();
    const Quartiles h = Quartiles::of(ratios(runs[s], false));
    const Quartiles r = Quartiles::of(ratios(runs[s], true));
    const AgainstRandom comparison = with_random(options, runs, s, reward);
    csv.row(options.strategies[s].label, reward ? "reward" : "front", mean_acceptable(runs[s]),
            mean_violating(runs[s]), median_near_optimum(runs[s]), h.first, h.median, h.third,
            r.first, r.median, r.third, comparison.ahead, comparison.verdict);
  }
  return csv.text();
}

std::string regret_runs_csv(const RegretProblem& problem, const RegretOptions& options,
                            const Runs& runs) {
  CsvWriter csv = regret_writer("dovetail.regret_runs/2", problem, options);
  csv.header({{"strategy"},
              {"seed"},
              {"evaluations"},
              {"acceptable"},
              {"violating"},
              {"near_optimum_after", "evaluations"},
              {"acceptable_until_near_optimum", "evaluations"},
              {"hypervolume_ratio"},
              {"reward_ratio"},
              {"predicted_rmspe", "%"}});
  for (std::size_t s = 0; s < runs.size(); ++s) {
    for (std::size_t seed = 0; seed < runs[s].size(); ++seed) {
      const RegretRun& run = runs[s][seed];
      csv.row(options.strategies[s].label, seed, run.evaluations, run.acceptable, run.violating,
              run.near_optimum_after, run.acceptable_until_near_optimum, run.hypervolume_ratio,
              run.reward_ratio, run.rmspe_percent);
    }
  }
  return csv.text();
}

}  // namespace dovetail
