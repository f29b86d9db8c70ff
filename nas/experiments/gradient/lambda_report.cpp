#include "nas/experiments/gradient/lambda_report.h"

#include <fmt/core.h>

#include "base/numbers/samples.h"
#include "base/numbers/spread_text.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

/// Full searches' worth of steps until the best objective was within 0.1 % of where it ended.
double searches_to_near_end(const LambdaTuningRun& run, std::size_t full_steps) {
  const double end = lambda_objective(
      best_full_trial(run.trials, full_steps, run.target_latency_ms), run.target_latency_ms);
  double steps = 0;
  for (const LambdaTrial& trial : run.trials) {
    steps += static_cast<double>(trial.steps);
    if (trial.steps == full_steps &&
        lambda_objective(trial, run.target_latency_ms) >= 0.999 * end) {
      break;
    }
  }
  return steps / static_cast<double>(full_steps);
}

/// Calls `row` with each stretch of items that `same` holds of.
template <typename Item, typename Same, typename Row>
void for_each_stretch(const std::vector<Item>& items, Same same, Row row) {
  for (std::size_t first = 0; first < items.size();) {
    std::size_t end = first;
    while (end < items.size() && same(items[first], items[end])) ++end;
    row(std::vector<Item>(items.begin() + static_cast<std::ptrdiff_t>(first),
                          items.begin() + static_cast<std::ptrdiff_t>(end)));
    first = end;
  }
}

}  // namespace

std::string tunings_table(const LambdaBenchOptions& options, const LambdaBench& bench) {
  const std::size_t steps = options.search.relaxed.steps;
  Table table({{"target [ms]"},
               {"method", Table::Align::kLeft},
               {"objective"},
               {"off target [%]"},
               {"top-1 [%]"},
               {"lambda"},
               {"searches"},
               {"near its end after [searches]"}});
  for_each_stretch(
      bench.tunings,
      [](const LambdaTuningRun& a, const LambdaTuningRun& b) {
        return a.target_latency_ms == b.target_latency_ms && a.method == b.method;
      },
      [&](const std::vector<LambdaTuningRun>& row) {
        std::vector<double> objective, off, top1, lambda, searches, near_end;
        for (const LambdaTuningRun& run : row) {
          const double target = run.target_latency_ms;
          const LambdaTrial& best = best_full_trial(run.trials, steps, target);
          objective.push_back(lambda_objective(best, target));
          off.push_back(100 * (best.latency_ms / target - 1));
          top1.push_back(best.top1_percent);
          lambda.push_back(best.lambda);
          searches.push_back(static_cast<double>(run.trials.size()));
          near_end.push_back(searches_to_near_end(run, steps));
        }
        table.add_row({format_number(row[0].target_latency_ms), to_string(row[0].method),
                       mean_and_deviation(objective, 3), mean_and_deviation(off, 2),
                       mean_and_deviation(top1, 3), mean_and_deviation(lambda, 2),
                       fmt::format("{:.1f}", Spread::of(searches).mean),
                       mean_and_deviation(near_end, 1)});
      });
  return table.str();
}

std::string short_searches_table(const LambdaBench& bench) {
  Table table({{"target [ms]"},
               {"steps"},
               {"best lambda"},
               {"latency then [ms]"},
               {"at full length [ms]"},
               {"off target [%]"},
               {"over-constrained"},
               {"objective lost"},
               {"best lambda at full length"}});
  for_each_stretch(
      bench.losses,
      [](const ShortSearchLoss& a, const ShortSearchLoss& b) {
        return a.target_latency_ms == b.target_latency_ms && a.steps == b.steps;
      },
      [&](const std::vector<ShortSearchLoss>& row) {
        std::vector<double> lambda, shorter, full, off, lost, best;
        std::size_t below = 0;
        for (const ShortSearchLoss& loss : row) {
          const double target = loss.target_latency_ms;
          lambda.push_back(loss.shorter.lambda);
          shorter.push_back(loss.shorter.latency_ms);
          full.push_back(loss.full.latency_ms);
          off.push_back(100 * (loss.full.latency_ms / target - 1));
          lost.push_back(lambda_objective(loss.best, target) - lambda_objective(loss.full, target));
          best.push_back(loss.best.lambda);
          below += loss.full.latency_ms < loss.best.latency_ms;
        }
        table.add_row({format_number(row[0].target_latency_ms), std::to_string(row[0].steps),
                       mean_and_deviation(lambda, 2), mean_and_deviation(shorter, 3),
                       mean_and_deviation(full, 3), mean_and_deviation(off, 1),
                       fmt::format("{}/{}", below, row.size()), mean_and_deviation(lost, 3),
                       mean_and_deviation(best, 2)});
      });
  return table.str();
}

std::string lambda_tuning_csv(const LambdaBenchOptions& options, const LambdaBench& bench) {
  CsvWriter csv("dovetail.lambda_tuning/1");
  csv.note("relaxation", to_string(options.search.relaxation));
  csv.note("full_steps", std::to_string(options.search.relaxed.steps));
  csv.header({{"target_ms", "ms"},
              {"method"},
              {"seed"},
              {"search"},
              {"lambda"},
              {"steps"},
              {"steps_spent"},
              {"top1_percent", "%"},
              {"latency_ms", "ms"},
              {"objective"}});
  for (const LambdaTuningRun& run : bench.tunings) {
    std::size_t number = 0, spent = 0;
    for (const LambdaTrial& trial : run.trials) {
      spent += trial.steps;
      csv.row(run.target_latency_ms, to_string(run.method), run.seed, ++number, trial.lambda,
              trial.steps, spent, trial.top1_percent, trial.latency_ms,
              lambda_objective(trial, run.target_latency_ms));
    }
  }
  return csv.text();
}

std::string lambda_lengths_csv(const LambdaBench& bench) {
  CsvWriter csv("dovetail.lambda_lengths/1");
  csv.header({{"target_ms", "ms"},
              {"steps"},
              {"seed"},
              {"best_lambda"},
              {"latency_ms", "ms"},
              {"full_length_ms", "ms"},
              {"full_length_top1_percent", "%"},
              {"full_length_objective"},
              {"best_full_lambda"},
              {"best_full_ms", "ms"},
              {"best_full_objective"}});
  for (const ShortSearchLoss& loss : bench.losses) {
    const double target = loss.target_latency_ms;
    csv.row(target, loss.steps, loss.seed, loss.shorter.lambda, loss.shorter.latency_ms,
            loss.full.latency_ms, loss.full.top1_percent, lambda_objective(loss.full, target),
            loss.best.lambda, loss.best.latency_ms, lambda_objective(loss.best, target));
  }
  return csv.text();
}

}  // namespace dovetail
