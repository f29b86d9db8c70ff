#include "nas/analysis/round_results.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <set>

#include "base/text/csv.h"
#include "base/text/table.h"
#include "nas/analysis/fronts.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

/// A candidate of a step, as predicted and as simulated.
struct SimulatedPrediction {
  Outcome predicted, simulated;
  std::optional<double> latency_error;  // relative, if both have figures
};

/// Positions of those on the front, as predicted or as simulated.
std::set<std::size_t> front_of(const std::vector<SimulatedPrediction>& pairs,
                               Outcome SimulatedPrediction::*side) {
  const auto positions =
      front_positions(pairs.size(), [&](std::size_t i) { return pairs[i].*side; });
  return {positions.begin(), positions.end()};
}

std::vector<SimulatedPrediction> pairs_of(const Objective& objective, const TrialList& searched,
                                          const TrialList& simulated) {
  std::map<Choices, const Evaluation*> predictions;
  for (const StoredTrial* trial : searched) {
    predictions[trial->record.choices] = &trial->record.evaluation;
  }
  std::vector<SimulatedPrediction> pairs;
  for (const StoredTrial* trial : simulated) {
    const auto prediction = predictions.find(trial->record.choices);
    if (prediction == predictions.end()) continue;
    const Evaluation& evaluation = trial->record.evaluation;
    SimulatedPrediction pair{
        objective.outcome(*prediction->second), objective.outcome(evaluation), {}};
    if (pair.predicted.valid && pair.simulated.valid) {
      const double truth = evaluation.costs.latency_ms;
      pair.latency_error = std::abs(prediction->second->costs.latency_ms - truth) / truth;
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

RoundResult round_result(const Objective& objective, const TrialList& searched,
                         const TrialList& simulated) {
  const std::vector<SimulatedPrediction> pairs = pairs_of(objective, searched, simulated);
  RoundResult result;
  result.simulated = static_cast<std::int64_t>(simulated.size());
  double errors = 0, count = 0;
  for (const SimulatedPrediction& pair : pairs) {
    if (pair.latency_error) {
      errors += *pair.latency_error;
      ++count;
    }
    if (!pair.predicted.acceptable()) continue;
    ++result.predicted_acceptable;
    result.acceptable += pair.simulated.acceptable();
  }
  if (count > 0) result.latency_error_percent = 100 * errors / count;
  const std::set<std::size_t> front = front_of(pairs, &SimulatedPrediction::simulated);
  for (const std::size_t choice : front_of(pairs, &SimulatedPrediction::predicted)) {
    ++result.predicted_front;
    result.front += front.contains(choice);
  }
  return result;
}

/// Trials by their step.
std::map<std::int64_t, TrialList> by_step(const TrialList& trials) {
  std::map<std::int64_t, TrialList> steps;
  for (const StoredTrial* trial : trials) steps[trial->record.step].push_back(trial);
  return steps;
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<RoundResult> round_results(const StoredStudy& study) {
  const Objective& objective = study.objective;
  std::vector<RoundResult> results;
  for (std::size_t run = 0; run < study.description.runs.size(); ++run) {
    std::map<std::int64_t, TrialList> searched = by_step(study.trials_of(run, Stage::kSearch));
    TrialList so_far;
    for (const auto& [step, simulated] : by_step(study.trials_of(run, Stage::kResimulate))) {
      RoundResult result = round_result(objective, searched[step], simulated);
      so_far.insert(so_far.end(), simulated.begin(), simulated.end());
      result.run = study.description.runs[run];
      result.step = step;
      result.hypervolume = hypervolume_of(objective, front_of(objective, so_far));
      results.push_back(result);
    }
  }
  return results;
}

std::string rounds_csv(const std::vector<RoundResult>& rounds) {
  CsvWriter csv("dovetail.rounds/1");
  csv.header({{"run"},
              {"seed"},
              {"step"},
              {"simulated"},
              {"predicted_acceptable"},
              {"acceptable"},
              {"predicted_front"},
              {"front"},
              {"latency_error_percent", "%"},
              {"hypervolume"}});
  for (const RoundResult& round : rounds) {
    csv.row(round.run.label, round.run.seed, round.step, round.simulated,
            round.predicted_acceptable, round.acceptable, round.predicted_front, round.front,
            round.latency_error_percent, round.hypervolume);
  }
  return csv.text();
}

std::string rounds_text(const std::vector<RoundResult>& rounds) {
  using enum Table::Align;
  Table table({{"run", kLeft},
               {"seed"},
               {"step"},
               {"simulated"},
               {"hold constraints [%]"},
               {"predicted front"},
               {"survives [%]"},
               {"latency error [%]"},
               {"hypervolume"}});
  for (const RoundResult& round : rounds) {
    table.add_row(
        {round.run.label, std::to_string(round.run.seed), std::to_string(round.step + 1),
         std::to_string(round.simulated),
         fmt::format("{:.1f}", percent(round.acceptable, round.predicted_acceptable)),
         std::to_string(round.predicted_front),
         fmt::format("{:.1f}", percent(round.front, round.predicted_front)),
         round.latency_error_percent ? fmt::format("{:.2f}", *round.latency_error_percent) : "-",
         fmt::format("{:.4f}", round.hypervolume)});
  }
  return "How the surrogate's choices did when simulated (constraints held, of those predicted "
         "to;\n"
         "still on the front, of those predicted to be):\n" +
         table.str();
}

}  // namespace dovetail
