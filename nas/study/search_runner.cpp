#include "nas/study/search_runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/text/error.h"
#include "cost/cost_models.h"
#include "nas/objective/hypervolume.h"
#include "nas/objective/pareto.h"
#include "nas/strategy/strategies.h"
#include "nas/study/study_domain.h"

namespace dovetail {
namespace {

constexpr std::size_t kResimulationBatch = 128;  // committed together

// Streams of random numbers of a run.
constexpr std::uint64_t kExploreStream = 0x6578706c6f7265;
constexpr std::uint64_t kStepStream = 0x73746570000000;

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

/// Makes the evaluator when something is asked that is not known: a resumed study need not train a
/// surrogate whose answers are all stored.
class LazyEvaluator : public Evaluator {
 public:
  using Make = std::function<std::unique_ptr<Evaluator>()>;
  LazyEvaluator(const SearchSpace& space, std::span<const TrialRecord> known, Make make)
      : space_(space), known_(known), make_(std::move(make)) {}

  /// Makes it now. False if stopped on the way to it.
  bool prepare() {
    if (cached_) return true;
    auto made = make_();
    if (!made) return false;
    cached_ = std::make_unique<CachedEvaluator>(space_, std::move(made));
    for (const TrialRecord& trial : known_) cached_->remember(trial.choices, trial.evaluation);
    return true;
  }

  std::vector<Evaluation> evaluate(std::span<const Choices> candidates,
                                   const KeepGoing& keep_going) override {
    return prepare() ? cached_->evaluate(candidates, keep_going) : std::vector<Evaluation>{};
  }

 private:
  const SearchSpace& space_;
  std::span<const TrialRecord> known_;
  Make make_;
  std::unique_ptr<CachedEvaluator> cached_;
};

/// The points of a phase's domain, which fixes a side, as points of the whole space.
std::vector<Choices> lift(const SearchSpace& domain, const SearchSpace& space,
                          std::span<const Choices> points) {
  std::vector<Choices> lifted;
  for (const Choices& point : points) lifted.push_back(space.encode(domain.decode(point)));
  return lifted;
}

/// Each step searches in its own way; the first one is that of the seed.
std::uint64_t step_seed(std::uint64_t seed, std::int64_t step) {
  return step == 0 ? seed : Rng(seed, kStepStream + static_cast<std::uint64_t>(step)).bits();
}

/// Of the trials from `first_step` on.
double simulated_hypervolume(const Objective& objective, std::span<const TrialRecord> trials,
                             std::int64_t first_step) {
  ParetoArchive archive;
  for (const TrialRecord& trial : trials) {
    if (trial.step >= first_step) {
      archive.insert(objective.outcome(trial.evaluation), trial.number);
    }
  }
  return hypervolume(archive.points(), objective.minimised(objective.reference));
}

/// A batch that is whole is all that later ones may go by: which of its trainings ended first has
/// no say, and a study that goes on has the same batches behind it. What violates a constraint that
/// only its figures tell of counts for nothing.
void settle(const StudySetup& setup, const SearchSpace& space,
            std::span<const TrialRecord> trials) {
  for (const TrialRecord& trial : trials) {
    const bool violates = !setup.objective().outcome(trial.evaluation).acceptable();
    if (trial.evaluation.ok() && violates) continue;
    setup.accuracy()->settle(space.decode(trial.choices).network);
  }
}

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
    if (!run_phases(run)) return false;
  }
  return true;
}

bool SearchRunner::run_phases(std::size_t run) {
  const std::string& label = setup_.runs()[run].label;
  const SearchSpace& space = setup_.space(label);
  const std::vector<SearchPhase> phases = setup_.phases(label);
  std::optional<TrialRecord> handed;  // by the phase before
  std::int64_t first_step = 0;
  for (const SearchPhase& phase : phases) {
    std::optional<Candidate> fixed;
    if (handed) fixed = space.decode(handed->choices);
    const SearchSpace domain = space.phase(phase.scope, fixed);
    if (!run_rounds(run, first_step, phase, domain)) return false;
    if (phases.size() == 1) break;
    const std::vector<TrialRecord> found = found_in_phase(run, first_step, handed);
    const TrialRecord* best = best_candidate(phase.choice, found);
    if (best == nullptr) break;  // nothing to go on with; the trials say why
    handed = *best;
    first_step += setup_.config().cost.rounds;
  }
  return true;
}

std::vector<TrialRecord> SearchRunner::found_in_phase(
    std::size_t run, std::int64_t first_step, const std::optional<TrialRecord>& handed) const {
  std::vector<TrialRecord> found;
  const CostSettings& cost = setup_.config().cost;
  const std::int64_t end = first_step + cost.rounds;
  if (handed) found.push_back(*handed);
  for (const Stage stage : {Stage::kSearch, Stage::kResimulate}) {
    for (TrialRecord& trial : store_.trials(run, stage)) {
      // What is predicted first and then simulated counts as simulated.
      if (!trial.evaluation.simulated && !cost.model->predictions_are_final()) continue;
      // A study that is resumed has trials of later phases too.
      if (trial.step >= first_step && trial.step < end) found.push_back(std::move(trial));
    }
  }
  return found;
}

bool SearchRunner::run_rounds(std::size_t run, std::int64_t first_step, const SearchPhase& phase,
                              const SearchSpace& domain) {
  const StudyConfig& config = setup_.config();
  const SearchSpace& space = setup_.space(setup_.runs()[run].label);
  double before = 0;
  for (std::int64_t round = 0; round < config.cost.rounds; ++round) {
    const Step step{run, first_step + round, round, phase, space, domain};
    if (!search(step)) return false;
    if (!config.cost.model->predicts) return true;
    if (!resimulate(step)) return false;
    const double now = simulated_hypervolume(setup_.objective(),
                                             store_.trials(run, Stage::kResimulate), first_step);
    if (round > 0 && now - before < before * config.cost.stop_gain_percent / 100) break;
    before = now;
  }
  return true;
}

std::string SearchRunner::title(const Step& step, const std::string& what) const {
  const StudyRun& it = setup_.runs()[step.run];
  std::string text =
      fmt::format("[{}/{}] {} {}", step.run + 1, setup_.runs().size(), what, it.label);
  if (step.domain.scope() != step.space.scope()) text += ", " + to_string(step.domain.scope());
  if (setup_.config().cost.rounds > 1) text += fmt::format(", round {}", step.round + 1);
  return fmt::format("{}, seed {}", text, it.seed);
}

std::vector<TrialRecord> SearchRunner::stored(std::size_t run, Stage stage,
                                              std::int64_t step) const {
  std::vector<TrialRecord> trials = store_.trials(run, stage);
  std::erase_if(trials, [&](const TrialRecord& trial) { return trial.step != step; });
  return trials;
}

std::vector<TrialRecord> SearchRunner::evaluate(const Step& step, Stage stage,
                                                std::int64_t first_number,
                                                std::span<const Choices> candidates,
                                                std::span<const TrialRecord> known,
                                                Evaluator& evaluator) {
  std::vector<TrialRecord> trials;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto number = static_cast<std::size_t>(first_number) + i;
    if (number >= known.size()) break;
    if (known[number].choices != step.space.canonical(candidates[i])) {
      throw RunError(fmt::format(
          "trial {} of {} is not the one that this version asks for; the study cannot go on",
          known[number].id, setup_.runs()[step.run].label));
    }
    trials.push_back(known[number]);
  }
  const auto fresh = candidates.subspan(trials.size());
  if (fresh.empty()) return trials;
  const std::size_t stored = trials.size();
  for (const Evaluation& evaluation : evaluator.evaluate(fresh, keep_going_)) {
    TrialRecord trial;
    trial.step = step.number;
    trial.number = first_number + static_cast<std::int64_t>(trials.size());
    trial.choices = step.space.canonical(candidates[trials.size()]);
    trial.evaluation = evaluation;
    if (evaluation.ok() && setup_.objective().reward) {
      trial.reward = (*setup_.objective().reward)(evaluation);
    }
    trials.push_back(std::move(trial));
  }
  store_.append(step.run, stage, std::span(trials).subspan(stored));
  return trials;
}

std::unique_ptr<Evaluator> SearchRunner::search_evaluator(const Step& step) const {
  if (step.round == 0) return evaluators_.search(step.space);
  return evaluators_.refit(step.space, store_.trials(step.run, Stage::kResimulate));
}

std::unique_ptr<PredictedDomain> SearchRunner::predicted_domain(const SearchDomain& known,
                                                                const Step& step) const {
  const auto samples = static_cast<std::size_t>(setup_.config().cost.predicted_limits);
  if (samples == 0) return nullptr;
  const auto costs = find_cost_model("simulation").make(setup_.cost_inputs(1));
  const auto costs_of = [&](const Choices& choices) {
    const Candidate candidate =
        step.space.decode(lift(step.domain, step.space, std::span(&choices, 1)).front());
    return costs->costs_of({candidate.network, candidate.hardware});
  };
  return std::make_unique<PredictedDomain>(known, step.phase.objective.constraints, costs_of,
                                           samples,
                                           step_seed(setup_.runs()[step.run].seed, step.number));
}

bool SearchRunner::search(const Step& step) {
  const StudyConfig& config = setup_.config();
  const SearchPhase& phase = step.phase;
  const StudyDomain known_areas(step.domain, phase.objective, setup_.areas_beforehand());
  const auto predicted = predicted_domain(known_areas, step);
  const SearchDomain& domain =
      predicted ? static_cast<const SearchDomain&>(*predicted) : known_areas;
  const std::uint64_t seed = step_seed(setup_.runs()[step.run].seed, step.number);
  const auto strategy =
      evaluators_.strategy ? evaluators_.strategy(domain, seed)
                           : find_strategy(config.strategy)
                                 .make(domain,
                                       for_evaluations(config.strategy_parameters,
                                                       static_cast<std::size_t>(phase.evaluations)),
                                       seed);
  const std::vector<TrialRecord> known = stored(step.run, Stage::kSearch, step.number);
  LazyEvaluator evaluator(step.space, known, [&] { return search_evaluator(step); });
  // Before the clock of the progress starts, which would tell of hours left.
  if (known.empty() && !evaluator.prepare()) return false;

  Progress progress(title(step, "search"), static_cast<std::uint64_t>(phase.evaluations),
                    progress_);
  progress.go_on_from(known.size());
  BestSoFar best(setup_.objective());
  const std::int64_t batch =
      config.batch > 0 ? config.batch : static_cast<std::int64_t>(strategy->preferred_batch());
  std::vector<Choices> starts = setup_.start(step.domain.decisions());
  starts.resize(std::min(starts.size(), static_cast<std::size_t>(phase.evaluations)));
  for (std::int64_t done = 0; done < phase.evaluations;) {
    const bool starting = done == 0 && !starts.empty();
    const std::vector<Choices> asked =
        starting
            ? starts
            : strategy->ask(static_cast<std::size_t>(std::min(batch, phase.evaluations - done)));
    if (asked.empty()) {
      progress.update(static_cast<std::uint64_t>(done),
                      best.note() + "; every candidate of the space was asked for");
      break;
    }
    const auto trials = evaluate(step, Stage::kSearch, done, lift(step.domain, step.space, asked),
                                 known, evaluator);
    done += static_cast<std::int64_t>(trials.size());
    best.add(trials);
    progress.update(static_cast<std::uint64_t>(done), best.note());
    if (trials.size() < asked.size()) return false;
    settle(setup_, step.space, trials);

    std::vector<Outcome> outcomes;
    for (const TrialRecord& trial : trials) {
      outcomes.push_back(phase.objective.outcome(trial.evaluation));
    }
    if (starting) {
      strategy->start_from(asked, outcomes);
    } else {
      strategy->tell(asked, outcomes);
    }
  }
  return true;
}

std::vector<Choices> SearchRunner::candidates_to_simulate(const Step& step) const {
  const CostSettings& cost = setup_.config().cost;
  std::set<Choices> known;  // simulated by the steps before
  for (const TrialRecord& trial : store_.trials(step.run, Stage::kResimulate)) {
    if (trial.step < step.number) known.insert(trial.choices);
  }
  const std::vector<TrialRecord> searched = stored(step.run, Stage::kSearch, step.number);
  const auto total = static_cast<std::size_t>(cost.resimulate);
  const auto explored =
      static_cast<std::size_t>(cost.explore_share * static_cast<double>(cost.resimulate));
  auto chosen = proposed_candidates(step.phase.objective, searched, total - explored, known);
  if (explored == 0) return chosen;

  known.insert(chosen.begin(), chosen.end());
  std::vector<Choices> others;
  for (const TrialRecord& trial : searched) {
    if (known.insert(trial.choices).second) others.push_back(trial.choices);
  }
  Rng rng(step_seed(setup_.runs()[step.run].seed, step.number), kExploreStream);
  for (std::size_t i = 0; i < std::min(others.size(), explored); ++i) {
    std::swap(others[i], others[i + rng.index(others.size() - i)]);
    chosen.push_back(others[i]);
  }
  return chosen;
}

bool SearchRunner::resimulate(const Step& step) {
  const std::vector<Choices> proposed = candidates_to_simulate(step);
  const std::vector<TrialRecord> known = stored(step.run, Stage::kResimulate, step.number);
  const auto evaluator = evaluators_.simulation(step.space);

  Progress progress(title(step, "simulate the front of"), proposed.size(), progress_);
  BestSoFar best(setup_.objective());
  for (std::size_t done = 0; done < proposed.size();) {
    const auto batch =
        std::span(proposed).subspan(done, std::min(kResimulationBatch, proposed.size() - done));
    const auto trials = evaluate(step, Stage::kResimulate, static_cast<std::int64_t>(done), batch,
                                 known, *evaluator);
    done += trials.size();
    best.add(trials);
    progress.update(done, best.note());
    if (trials.size() < batch.size()) return false;
    settle(setup_, step.space, trials);
  }
  return true;
}

std::vector<Choices> proposed_candidates(const Objective& objective,
                                         std::span<const TrialRecord> trials, std::size_t count,
                                         const std::set<Choices>& known) {
  std::vector<Outcome> outcomes;
  std::vector<Choices> distinct, proposed;
  std::set<Choices> seen = known;
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

const TrialRecord* best_candidate(const Objective& objective, std::span<const TrialRecord> trials) {
  using Rank = std::array<double, 3>;  // less is better
  const TrialRecord* best = nullptr;
  Rank best_rank{};
  for (const TrialRecord& trial : trials) {
    const Outcome outcome = objective.outcome(trial.evaluation);
    if (!outcome.valid) continue;
    const double area_mm2 = trial.evaluation.costs.area_mm2;
    const Rank rank{outcome.violation, -outcome.reward, std::isnan(area_mm2) ? 0 : area_mm2};
    if (best != nullptr && !(rank < best_rank)) continue;
    best = &trial;
    best_rank = rank;
  }
  return best;
}

}  // namespace dovetail
