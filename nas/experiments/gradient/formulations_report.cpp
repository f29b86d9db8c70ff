#include "nas/experiments/gradient/formulations_report.h"

#include <fmt/core.h>

#include <limits>
#include <span>

#include "base/numbers/spread_text.h"
#include "base/text/csv.h"
#include "base/text/table.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

std::string name_of(const FormulationRun& run) {
  return run.relaxation ? to_string(*run.relaxation) : "random";
}

bool same_row(const FormulationRun& a, const FormulationRun& b) {
  return a.target_latency_ms == b.target_latency_ms && a.relaxation == b.relaxation;
}

/// Of the runs of one row.
template <typename Value>
std::vector<double> values_of(std::span<const FormulationRun> runs, Value value) {
  std::vector<double> values;
  for (const FormulationRun& run : runs) {
    if (const std::optional<double> v = value(run)) values.push_back(*v);
  }
  return values;
}

std::optional<double> best_top1(const FormulationRun& run) {
  if (!run.best) return std::nullopt;
  return run.best->predicted.top1_percent;
}

/// What the best of a row is ahead of random search's by, at the same target.
std::string ahead_of_random(std::span<const FormulationRun> row,
                            const std::vector<FormulationRun>& runs) {
  std::vector<FormulationRun> random;
  for (const FormulationRun& run : runs) {
    if (!run.relaxation && run.target_latency_ms == row[0].target_latency_ms) random.push_back(run);
  }
  const auto ours = values_of(row, best_top1), theirs = values_of(random, best_top1);
  if (!row[0].relaxation || ours.empty() || theirs.empty()) return "";
  return fmt::format("{:+.2f}", Spread::of(ours).mean - Spread::of(theirs).mean);
}

std::vector<std::string> row_of(std::span<const FormulationRun> row,
                                const std::vector<FormulationRun>& runs) {
  const auto off_target = [&](auto latency) {
    return mean_and_deviation(values_of(row,
                                        [&](const FormulationRun& run) -> std::optional<double> {
                                          if (!run.answered()) return std::nullopt;
                                          const std::optional<double> ms = latency(run.answer);
                                          if (!ms) return std::nullopt;
                                          return 100 * (*ms / run.target_latency_ms - 1);
                                        }),
                              1);
  };
  std::size_t found = 0, extrapolated = 0;
  for (const FormulationRun& run : row) {
    found += run.best.has_value();
    extrapolated += run.answer.predicted.extrapolated;
  }
  const auto mean_of = [&](auto value, int decimals) {
    return fmt::format("{:.{}f}", Spread::of(values_of(row, value)).mean, decimals);
  };
  const bool random = !row[0].relaxation;
  const double mean_pairs = Spread::of(values_of(row, [](const FormulationRun& run) {
                              return std::optional(static_cast<double>(run.random_pairs));
                            })).mean;
  return {
      format_number(row[0].target_latency_ms),
      random ? fmt::format("random ({:.0f} pairs)", mean_pairs) : name_of(row[0]),
      mean_and_deviation(values_of(row,
                                   [](const FormulationRun& run) -> std::optional<double> {
                                     if (!run.answered()) return std::nullopt;
                                     return run.answer.predicted.top1_percent;
                                   }),
                         2),
      off_target([](const SimulatedPair& pair) -> std::optional<double> {
        return pair.predicted.latency_ms;
      }),
      off_target([](const SimulatedPair& pair) { return pair.latency_ms; }),
      mean_and_deviation(values_of(row, best_top1), 2),
      fmt::format("{}/{}", found, row.size()),
      ahead_of_random(row, runs),
      random ? ""
             : mean_of([](const FormulationRun& run)
                           -> std::optional<double> { return run.samples_top1_percent.deviation; },
                       2),
      random ? ""
             : mean_of(
                   [](const FormulationRun& run) -> std::optional<double> {
                     return 100 * run.samples_latency_ms.deviation / run.samples_latency_ms.mean;
                   },
                   1),
      std::to_string(extrapolated),
      mean_of([](const FormulationRun& run) -> std::optional<double> { return run.search_seconds; },
              3)};
}

}  // namespace

std::string formulations_table(const std::vector<FormulationRun>& runs) {
  Table table({{"target [ms]"},
               {"formulation", Table::Align::kLeft},
               {"answer: top-1 [%]"},
               {"predicted off target [%]"},
               {"simulated off target [%]"},
               {"best that holds: top-1 [%]"},
               {"found"},
               {"over random"},
               {"samples' sd: top-1"},
               {"latency [%]"},
               {"extrapolated"},
               {"search [s]"}});
  for (std::size_t first = 0; first < runs.size();) {
    std::size_t end = first;
    while (end < runs.size() && same_row(runs[first], runs[end])) ++end;
    if (first > 0 && runs[first].target_latency_ms != runs[first - 1].target_latency_ms) {
      table.add_rule();
    }
    table.add_row(row_of(std::span(runs).subspan(first, end - first), runs));
    first = end;
  }
  return table.str();
}

std::string formulations_csv(const GradientProblem& problem, const DifferentiableCosts& costs,
                             const FormulationsOptions& options,
                             const std::vector<FormulationRun>& runs) {
  CsvWriter csv("dovetail.gradient/1");
  csv.note("costs", costs.description());
  csv.note("max_area_mm2", format_number(problem.max_area_mm2()));
  csv.note("latency_loss", to_string(options.search.latency_loss));
  csv.note("steps", std::to_string(options.search.relaxed.steps));
  csv.note("random_pairs", std::to_string(options.random_pairs));
  csv.header({{"target_ms", "ms"},
              {"formulation"},
              {"seed"},
              {"lambda"},
              {"aim_ms", "ms"},
              {"random_pairs"},
              {"answer_top1_percent", "%"},
              {"answer_predicted_ms", "ms"},
              {"answer_simulated_ms", "ms"},
              {"answer_area_mm2", "mm2"},
              {"answer_extrapolated"},
              {"best_top1_percent", "%"},
              {"best_predicted_ms", "ms"},
              {"best_simulated_ms", "ms"},
              {"best_area_mm2", "mm2"},
              {"samples_mean_top1_percent", "%"},
              {"samples_deviation_top1_percent", "%"},
              {"samples_mean_ms", "ms"},
              {"samples_deviation_ms", "ms"},
              {"search_seconds", "s"}});
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (const FormulationRun& run : runs) {
    const PredictedPair& answer = run.answer.predicted;
    csv.cell(run.target_latency_ms).cell(name_of(run)).cell(run.seed);
    csv.cell(run.relaxation ? run.lambda : kNone).cell(run.relaxation ? run.aim_ms : kNone);
    csv.cell(run.random_pairs);
    for (const double figure : {answer.top1_percent, answer.latency_ms,
                                run.answer.latency_ms.value_or(kNone), answer.area_mm2}) {
      csv.cell(run.answered() ? figure : kNone);
    }
    csv.cell(answer.extrapolated);
    const SimulatedPair best = run.best.value_or(SimulatedPair{});
    for (const double figure : {best.predicted.top1_percent, best.predicted.latency_ms,
                                best.latency_ms.value_or(kNone), best.predicted.area_mm2}) {
      csv.cell(run.best ? figure : kNone);
    }
    for (const Spread& spread : {run.samples_top1_percent, run.samples_latency_ms}) {
      csv.cell(run.relaxation ? spread.mean : kNone);
      csv.cell(run.relaxation ? spread.deviation : kNone);
    }
    csv.cell(run.search_seconds).end_row();
  }
  return csv.text();
}

}  // namespace dovetail
