#include "nas/study/round_results.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <set>

#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

using Trials = std::vector<TrialRecord>;

/// A candidate of a step, as predicted and as simulated.
struct ComparedTrial {
  Outcome predicted, simulated;
  std::optional<double> latency_error;  // relative, if both have figures
};

std::set<std::int64_t> front_of(const std::vector<ComparedTrial>& pairs,
                                Outcome ComparedTrial::*side) {
  ParetoArchive archive;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    archive.insert(pairs[i].*side, static_cast<std::int64_t>(i));
  }
  std::set<std::int64_t> front;
  for (const ParetoArchive::Entry& entry : archive.entries()) front.insert(entry.id);
  return front;
}

std::vector<ComparedTrial> pairs_of(const Objective& objective, const Trials& searched,
                                    const Trials& simulated) {
  std::map<Choices, const Evaluation*> predictions;
  for (const TrialRecord& trial : searched) predictions[trial.choices] = &trial.evaluation;
  std::vector<ComparedTrial> pairs;
  for (const TrialRecord& trial : simulated) {
    const auto prediction = predictions.find(trial.choices);
    if (prediction == predictions.end()) continue;
    ComparedTrial pair{
        objective.outcome(*prediction->second), objective.outcome(trial.evaluation), {}};
    if (pair.predicted.valid && pair.simulated.valid) {
      const double truth = trial.evaluation.costs.latency_ms;
      pair.latency_error = std::abs(prediction->second->costs.latency_ms - truth) / truth;
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

RoundResult round_result(const Objective& objective, const Trials& searched,
                         const Trials& simulated) {
  const std::vector<ComparedTrial> pairs = pairs_of(objective, searched, simulated);
  RoundResult result;
  result.simulated = static_cast<std::int64_t>(simulated.size());
  double errors = 0, count = 0;
  for (const ComparedTrial& pair : pairs) {
    if (pair.latency_error) {
      errors += *pair.latency_error;
      ++count;
    }
    if (!pair.predicted.acceptable()) continue;
    ++result.predicted_acceptable;
    result.acceptable += pair.simulated.acceptable();
  }
  if (count > 0) result.latency_error_percent = 100 * errors / count;
  const std::set<std::int64_t> front = front_of(pairs, &ComparedTrial::simulated);
  for (const std::int64_t choice : front_of(pairs, &ComparedTrial::predicted)) {
    ++result.predicted_front;
    result.front += front.contains(choice);
  }
  return result;
}

/// Trials by their step.
std::map<std::int64_t, Trials> by_step(Trials trials) {
  std::map<std::int64_t, Trials> steps;
  for (TrialRecord& trial : trials) steps[trial.step].push_back(std::move(trial));
  return steps;
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<RoundResult> round_results(const StudySetup& setup, const StudyStore& store) {
  const Objective& objective = setup.objective();
  const std::vector<double> reference = objective.minimised(objective.reference);
  std::vector<RoundResult> results;
  for (std::size_t run = 0; run < setup.runs().size(); ++run) {
    std::map<std::int64_t, Trials> searched = by_step(store.trials(run, Stage::kSearch));
    ParetoArchive archive;
    for (const auto& [step, simulated] : by_step(store.trials(run, Stage::kResimulate))) {
      RoundResult result = round_result(objective, searched[step], simulated);
      for (const TrialRecord& trial : simulated) {
        archive.insert(objective.outcome(trial.evaluation), trial.id);
      }
      result.run = setup.runs()[run];
      result.step = step;
      result.hypervolume = hypervolume(archive.points(), reference);
      results.push_back(result);
    }
  }
  return results;
}

std::string rounds_csv(const std::vector<RoundResult>& rounds) {
  std::string text =
      "run,seed,step,simulated,predicted_acceptable,acceptable,predicted_front,front,"
      "latency_error_percent,hypervolume\n";
  for (const RoundResult& round : rounds) {
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\n", round.run.label, round.run.seed, round.step,
        round.simulated, round.predicted_acceptable, round.acceptable, round.predicted_front,
        round.front, round.latency_error_percent ? format_number(*round.latency_error_percent) : "",
        format_number(round.hypervolume));
  }
  return text;
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
