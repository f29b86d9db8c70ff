#include "nas/experiments/regret/overhead.h"

#include <algorithm>
#include <chrono>

#include "base/numbers/random.h"
#include "nas/study/study_store.h"
#include "nas/study/trial_timings.h"

namespace dovetail {
namespace {

using Clock = std::chrono::steady_clock;

StudyDescription description_of(const SearchDomain& domain) {
  StudyDescription description;
  description.facts.name = "overhead";
  description.runs = {{"joint", 0}};
  description.decisions = {{"joint", domain.decisions()}};
  return description;
}

/// A trial as evaluation would have made it.
TrialRecord drawn_trial(Rng& rng, const SearchDomain& domain, const Choices& asked,
                        std::size_t number) {
  TrialRecord trial;
  trial.number = static_cast<std::int64_t>(number);
  trial.choices = domain.canonical(asked);
  if (rng.uniform() < 0.1) {
    trial.evaluation = Evaluation::without_figures(TrialStatus::kInfeasible, "drawn", true);
    return trial;
  }
  trial.evaluation.status = TrialStatus::kOk;
  trial.evaluation.simulated = true;
  trial.evaluation.accuracy.top1_percent = 100 * rng.uniform();
  Costs& costs = trial.evaluation.costs;
  costs.latency_ms = rng.uniform();
  costs.area_mm2 = 50;
  costs.cycles = 400'000;
  costs.energy_mj = costs.peak_local_memory_kib = 1;
  trial.reward = rng.uniform();
  return trial;
}

Outcome outcome_of(const TrialRecord& trial) {
  Outcome outcome;
  outcome.valid = trial.evaluation.ok();
  if (!outcome.valid) return outcome;
  outcome.violation = 0;
  outcome.objectives = {-trial.evaluation.accuracy.top1_percent, trial.evaluation.costs.latency_ms};
  outcome.reward = *trial.reward;
  return outcome;
}

}  // namespace

StrategyOverhead strategy_overhead(const SearchDomain& domain, const StrategyChoice& choice,
                                   std::size_t trials, const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "study.db";
  const auto strategy = choice.make(domain, trials, 0);
  Rng rng(1);
  Clock::duration asking{}, storing{};
  std::size_t done = 0;
  {
    StudyStore store = StudyStore::create(file, description_of(domain));
    while (done < trials) {
      const auto before_ask = Clock::now();
      const auto asked = strategy->ask(std::min(strategy->preferred_batch(), trials - done));
      asking += Clock::now() - before_ask;
      if (asked.empty()) break;
      std::vector<TrialRecord> records;
      std::vector<Outcome> outcomes;
      for (const Choices& choices : asked) {
        records.push_back(drawn_trial(rng, domain, choices, done + records.size()));
        outcomes.push_back(outcome_of(records.back()));
      }
      const auto before_store = Clock::now();
      store.append(0, Stage::kSearch, records);
      const auto before_tell = Clock::now();
      strategy->tell(asked, outcomes);
      asking += Clock::now() - before_tell;
      storing += before_tell - before_store;
      done += asked.size();
    }
  }
  std::filesystem::remove(file);
  std::filesystem::remove(TrialTimings::beside(file));
  const auto each = [&](Clock::duration spent) {
    return std::chrono::duration<double, std::micro>(spent).count() / static_cast<double>(done);
  };
  return {each(asking), each(storing)};
}

}  // namespace dovetail
