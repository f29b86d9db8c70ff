#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "base/process/progress.h"
#include "nas/evaluation/evaluator.h"
#include "nas/evaluation/linear_cost.h"
#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// How a study evaluates candidates of a search space.
struct StudyEvaluators {
  using Make = std::function<std::unique_ptr<Evaluator>(const SearchSpace&)>;
  /// While searching: simulation or prediction; null if stopped on the way to it.
  Make search;
  /// Of what a search on predictions proposes.
  Make simulation;
  /// As `search`, after rounds that simulated these candidates: a prediction that has learned of
  /// them. Only for studies of several rounds.
  std::function<std::unique_ptr<Evaluator>(const SearchSpace&, std::span<const TrialRecord>)> refit;
  /// Costs alone, while searching: what trains beforehand is told them.
  Make costs;
  /// Instead of the strategy that the study names; may be empty.
  std::function<std::unique_ptr<Strategy>(const SearchDomain&, std::uint64_t seed)> strategy;
};

/// Carries out the searches of a study one after the other and stores every trial.
///
/// A search goes through its phases; a phase through rounds of search, simulation of what the
/// search proposes, and refit of the predictions. Each round of a phase is a step of the run.
///
/// Trials that are in the store already are not evaluated again: the strategy is created anew,
/// asked the same questions and told the stored answers, and goes on from there. So a study that
/// was stopped anywhere ends like one that was not.
class SearchRunner {
 public:
  SearchRunner(const StudySetup& setup, StudyEvaluators evaluators, StudyStore& store,
               KeepGoing keep_going, ProgressMode progress);

  /// False if `keep_going` said no before all was done; what has been evaluated is stored.
  bool run();

 private:
  /// A round of a phase.
  struct Step {
    std::size_t run = 0;
    std::int64_t number = 0;  // of the run
    std::int64_t round = 0;   // of the phase
    const SearchPhase& phase;
    const SearchSpace& space;   // of the run, whose points are stored
    const SearchSpace& domain;  // what the strategy decides in this phase
  };

  bool run_phases(std::size_t run);
  /// What a phase that begins at `first_step` found, after what was handed to it: trials whose
  /// costs are final.
  std::vector<TrialRecord> found_in_phase(std::size_t run, std::int64_t first_step,
                                          const std::optional<TrialRecord>& handed) const;
  bool run_rounds(std::size_t run, std::int64_t first_step, const SearchPhase& phase,
                  const SearchSpace& domain);
  bool search(const Step& step);
  /// `known` with the limits that the study wants predicted; null if it wants none.
  std::unique_ptr<PredictedDomain> predicted_domain(const SearchDomain& known,
                                                    const Step& step) const;
  std::unique_ptr<Evaluator> search_evaluator(const Step& step) const;
  bool resimulate(const Step& step);
  /// Of what a step searched: the best, and some drawn at random.
  std::vector<Choices> candidates_to_simulate(const Step& step) const;
  /// Stored trials for the first of `candidates` (points of the run's space), then new ones, which
  /// are stored; fewer if stopped. `known` are the trials of this step and stage that were in the
  /// store at the start.
  std::vector<TrialRecord> evaluate(const Step& step, Stage stage, std::int64_t first_number,
                                    std::span<const Choices> candidates,
                                    std::span<const TrialRecord> known, Evaluator& evaluator);
  std::vector<TrialRecord> stored(std::size_t run, Stage stage, std::int64_t step) const;
  std::string title(const Step& step, const std::string& what) const;

  const StudySetup& setup_;
  StudyEvaluators evaluators_;
  StudyStore& store_;
  KeepGoing keep_going_;
  ProgressMode progress_;
};

/// What a search on predictions proposes: the `count` best distinct candidates with figures, by
/// non-dominated rank and crowding distance, so the predicted front and the ranks behind it; none
/// of `known`.
std::vector<Choices> proposed_candidates(const Objective& objective,
                                         std::span<const TrialRecord> trials, std::size_t count,
                                         const std::set<Choices>& known = {});

/// What a phase hands to the next: of the candidates within the constraints the one with the
/// highest reward, at equal reward the smallest; if there is none, the one that violates them
/// least. Null if no candidate has figures.
const TrialRecord* best_candidate(const Objective& objective, std::span<const TrialRecord> trials);

}  // namespace dovetail
