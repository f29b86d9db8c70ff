#include "nas/study/ask_tell.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text/error.h"
#include "nas/strategy/strategies.h"

namespace dovetail {
namespace {

/// The one run of the study.
const std::string& run_of(const StudySetup& setup) {
  const StudyConfig& config = setup.config();
  const auto refuse = [](const std::string& what) {
    throw InputError("a study that is asked and told is one search on simulated costs: " + what);
  };
  if (setup.runs().size() != 1) refuse("it has one seed, and no comparison");
  if (setup.phases(setup.labels().front()).size() != 1) refuse("it has no phases");
  if (config.cost.model->surrogate) refuse("cost.model does not predict");
  if (config.cost.predicted_limits > 0) refuse("cost.predicted_limits is 0");
  return setup.labels().front();
}

/// Null if candidates come from outside.
std::unique_ptr<Strategy> strategy_of(const StudySetup& setup, const SearchDomain& domain) {
  const StudyConfig& config = setup.config();
  if (config.strategy == oneshot_strategy().name) {
    throw InputError("strategy 'oneshot' trains before it asks: 'dovetail search' runs it");
  }
  if (config.strategy == external_strategy().name) return nullptr;
  return find_strategy(config.strategy)
      .make(
          domain,
          for_evaluations(config.strategy_parameters, static_cast<std::size_t>(config.evaluations)),
          config.seeds.front());
}

}  // namespace

void AskTellStudy::require_usable(const StudySetup& setup) {
  strategy_of(setup, setup.space(run_of(setup)));
  setup.config().cost.model->make(setup.cost_inputs(1));  // throws what speaks against it
}

AskTellStudy::AskTellStudy(const StudySetup& setup, StudyStore& store,
                           std::unique_ptr<Evaluator> evaluator)
    : setup_(setup),
      store_(store),
      space_(setup.space(run_of(setup))),
      domain_(space_, setup.objective(), setup.areas_beforehand()),
      strategy_(strategy_of(setup, domain_)),
      evaluator_(space_, std::move(evaluator)) {
  replay(store_.trials(0, Stage::kSearch));
}

void AskTellStudy::replay(std::span<const TrialRecord> known) {
  for (const TrialRecord& trial : known) {
    if (!external()) {
      fill_batch();
      if (outcomes_.size() >= batch_.size() ||
          space_.canonical(batch_[outcomes_.size()]) != trial.choices) {
        throw RunError(fmt::format(
            "trial {} is not the one that this version asks for; the study cannot go on",
            trial.id));
      }
    }
    evaluator_.remember(trial.choices, trial.evaluation);
    learn(trial);
  }
}

void AskTellStudy::fill_batch() {
  if (outcomes_.size() < batch_.size() || exhausted_) return;
  const std::int64_t left = setup_.config().evaluations - done_;
  if (left <= 0) return;
  outcomes_.clear();
  if (done_ == 0) batch_ = setup_.start(space_.decisions());
  starting_ = done_ == 0 && !batch_.empty();
  if (starting_) {
    batch_.resize(std::min(batch_.size(), static_cast<std::size_t>(left)));
    return;
  }
  const std::int64_t batch = setup_.config().batch > 0
                                 ? setup_.config().batch
                                 : static_cast<std::int64_t>(strategy_->preferred_batch());
  batch_ = strategy_->ask(static_cast<std::size_t>(std::min(batch, left)));
  exhausted_ = batch_.empty();
}

void AskTellStudy::learn(const TrialRecord& trial) {
  ++done_;
  if (external()) return;
  outcomes_.push_back(setup_.objective().outcome(trial.evaluation));
  if (outcomes_.size() < batch_.size()) return;
  if (starting_) {
    strategy_->start_from(batch_, outcomes_);
  } else {
    strategy_->tell(batch_, outcomes_);
  }
}

bool AskTellStudy::over() {
  if (!external()) fill_batch();
  return exhausted_ || done_ >= setup_.config().evaluations;
}

std::vector<Choices> AskTellStudy::ask(std::size_t count) {
  if (external()) {
    throw InputError("strategy 'external' has no candidates to ask for: they are told");
  }
  fill_batch();
  const std::size_t first = std::min(outcomes_.size(), batch_.size());
  const std::size_t last = first + std::min(count, batch_.size() - first);
  std::vector<Choices> asked;
  for (std::size_t i = first; i < last; ++i) asked.push_back(space_.canonical(batch_[i]));
  return asked;
}

void AskTellStudy::require_next(std::span<const Choices> candidates) {
  if (!external()) fill_batch();
  const std::int64_t left = setup_.config().evaluations - done_;
  if (static_cast<std::int64_t>(candidates.size()) > left) {
    throw InputError(
        fmt::format("found {} candidates, and the study has {} of its {} evaluations left",
                    candidates.size(), left, setup_.config().evaluations));
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    try {
      space_.require_candidate(candidates[i]);
    } catch (const InputError& error) {
      throw InputError(fmt::format("candidate {}: {}", i + 1, error.what()));
    }
  }
  if (external()) return;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::size_t at = outcomes_.size() + i;
    const bool asked =
        at < batch_.size() && space_.canonical(batch_[at]) == space_.canonical(candidates[i]);
    if (asked) continue;
    throw InputError(fmt::format(
        "candidate {}: it is not the one that strategy '{}' asks for; candidates are told in the "
        "order of 'ask' (those of a searcher of your own: strategy 'external')",
        i + 1, setup_.config().strategy));
  }
}

std::vector<TrialRecord> AskTellStudy::tell(std::span<const Choices> candidates,
                                            const KeepGoing& keep_going) {
  require_next(candidates);
  std::vector<Choices> canonical;
  for (const Choices& choices : candidates) canonical.push_back(space_.canonical(choices));
  std::vector<TrialRecord> trials;
  for (const Evaluation& evaluation : evaluator_.evaluate(canonical, keep_going)) {
    TrialRecord trial;
    trial.number = done_ + static_cast<std::int64_t>(trials.size());
    trial.choices = canonical[trials.size()];
    trial.evaluation = evaluation;
    if (evaluation.ok() && setup_.objective().reward) {
      trial.reward = (*setup_.objective().reward)(evaluation);
    }
    trials.push_back(std::move(trial));
  }
  store_.append(0, Stage::kSearch, trials);
  for (const TrialRecord& trial : trials) learn(trial);
  return trials;
}

}  // namespace dovetail
