#include "nas/study/search_runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "nas/hypervolume.h"
#include "nas/pareto.h"
#include "nas/strategy/strategies.h"

namespace dovetail {
namespace {

constexpr std::size_t kResimulationBatch = 128;  // committed together

/// The front so far, for the progress line.
class BestSoFar {
 public:
  explicit BestSoFar(const Objective& objective)
      : objective_(objective), reference_(objective.minimised(objective.reference)) {}

  void add(std::span<const TrialRecord> trials) {
    for (const TrialRecord& trial : trials) {
      archive_.insert(objective_.outcome(trial.evaluation), trial.number);
    }
  }
  std::string note() const {
    return fmt::format("front {}, hypervolume {:.4g}", archive_.entries().size(),
                       hypervolume(archive_.points(), reference_));
  }

 private:
  const Objective& objective_;
  std::vector<double> reference_;
  ParetoArchive archive_;
};

}  // namespace

SearchRunner::SearchRunner(const StudySetup& setup, StudyEvaluators evaluators, StudyStore& store,
                           KeepGoing keep_going, ProgressMode progress)
    : setup_(setup),
      evaluators_(std::move(evaluators)),
      store_(store),
      keep_going_(std::move(keep_going)),
      progress_(progress) {}

bool SearchRunner::run() {
  for (std::size_t run = 0; run < setup_.runs().size(); ++run) {
    if (!search(run)) return false;
    if (setup_.config().cost.model == CostModel::kSurrogateThenSimulation && !resimulate(run)) {
      return false;
    }
  }
  return true;
}

std::string SearchRunner::title(std::size_t run, const std::string& what) const {
  const StudyRun& it = setup_.runs()[run];
  return fmt::format("[{}/{}] {} {}, seed {}", run + 1, setup_.runs().size(), what, it.label,
                     it.seed);
}

std::vector<TrialRecord> SearchRunner::evaluate(std::size_t run, Stage stage,
                                                std::int64_t first_number,
                                                std::span<const Choices> candidates,
                                                std::span<const TrialRecord> known,
                                                Evaluator& evaluator) {
  const SearchSpace& space = setup_.space(setup_.runs()[run].label);
  std::vector<TrialRecord> trials;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto number = static_cast<std::size_t>(first_number) + i;
    if (number >= known.size()) break;
    if (known[number].choices != space.canonical(candidates[i])) {
      throw RunError(fmt::format(
          "trial {} of {} is not the one that this version asks for; the study cannot go on",
          known[number].id, setup_.runs()[run].label));
    }
    trials.push_back(known[number]);
  }
  const auto fresh = candidates.subspan(trials.size());
  const std::size_t stored = trials.size();
  for (const Evaluation& evaluation : evaluator.evaluate(fresh, keep_going_)) {
    TrialRecord trial;
    trial.number = first_number + static_cast<std::int64_t>(trials.size());
    trial.choices = space.canonical(candidates[trials.size()]);
    trial.evaluation = evaluation;
    if (evaluation.ok() && setup_.objective().reward) {
      trial.reward = (*setup_.objective().reward)(evaluation.metrics);
    }
    trials.push_back(std::move(trial));
  }
  store_.append(run, stage, std::span(trials).subspan(stored));
  return trials;
}

bool SearchRunner::search(std::size_t run) {
  const StudyConfig& config = setup_.config();
  const StudyRun& it = setup_.runs()[run];
  const SearchSpace& space = setup_.space(it.label);
  const auto strategy =
      find_strategy(config.strategy).make(space, config.strategy_parameters, it.seed);
  const std::vector<TrialRecord> known = store_.trials(run, Stage::kSearch);
  auto uncached = evaluators_.search(space);
  if (!uncached) return false;
  CachedEvaluator evaluator(space, std::move(uncached));
  for (const TrialRecord& trial : known) evaluator.remember(trial.choices, trial.evaluation);

  Progress progress(title(run, "search"), static_cast<std::uint64_t>(config.evaluations),
                    progress_);
  BestSoFar best(setup_.objective());
  const std::int64_t batch =
      config.batch > 0 ? config.batch : static_cast<std::int64_t>(strategy->preferred_batch());
  for (std::int64_t done = 0; done < config.evaluations;) {
    const std::vector<Choices> asked =
        strategy->ask(static_cast<std::size_t>(std::min(batch, config.evaluations - done)));
    if (asked.empty()) break;
    const auto trials = evaluate(run, Stage::kSearch, done, asked, known, evaluator);
    done += static_cast<std::int64_t>(trials.size());
    best.add(trials);
    progress.update(static_cast<std::uint64_t>(done), best.note());
    if (trials.size() < asked.size()) return false;

    std::vector<Outcome> outcomes;
    for (const TrialRecord& trial : trials) {
      outcomes.push_back(setup_.objective().outcome(trial.evaluation));
    }
    strategy->tell(asked, outcomes);
  }
  return true;
}

bool SearchRunner::resimulate(std::size_t run) {
  const SearchSpace& space = setup_.space(setup_.runs()[run].label);
  const std::vector<Choices> proposed =
      proposed_candidates(setup_.objective(), store_.trials(run, Stage::kSearch),
                          static_cast<std::size_t>(setup_.config().cost.resimulate));
  const std::vector<TrialRecord> known = store_.trials(run, Stage::kResimulate);
  const auto evaluator = evaluators_.simulation(space);

  Progress progress(title(run, "simulate the front of"), proposed.size(), progress_);
  BestSoFar best(setup_.objective());
  for (std::size_t done = 0; done < proposed.size();) {
    const auto batch =
        std::span(proposed).subspan(done, std::min(kResimulationBatch, proposed.size() - done));
    const auto trials = evaluate(run, Stage::kResimulate, static_cast<std::int64_t>(done), batch,
                                 known, *evaluator);
    done += trials.size();
    best.add(trials);
    progress.update(done, best.note());
    if (trials.size() < batch.size()) return false;
  }
  return true;
}

std::vector<Choices> proposed_candidates(const Objective& objective,
                                         std::span<const TrialRecord> trials, std::size_t count) {
  std::vector<Outcome> outcomes;
  std::vector<Choices> distinct, proposed;
  std::set<Choices> seen;
  for (const TrialRecord& trial : trials) {
    if (!trial.evaluation.ok() || !seen.insert(trial.choices).second) continue;
    outcomes.push_back(objective.outcome(trial.evaluation));
    distinct.push_back(trial.choices);
  }
  for (const std::size_t i : rank_and_crowding_order(outcomes)) {
    if (proposed.size() == count) break;
    proposed.push_back(distinct[i]);
  }
  return proposed;
}

}  // namespace dovetail
