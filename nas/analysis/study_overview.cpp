#include "nas/analysis/study_overview.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "base/text/text.h"
#include "nas/analysis/fronts.h"
#include "nas/study/study_setup.h"

namespace dovetail {
namespace {

using About = std::vector<std::pair<std::string, std::string>>;

std::string searched_text(const StoredStudy& study) {
  std::vector<std::string> parts;
  for (const std::string& label : study.labels()) {
    const DecisionSpace& space = study.description.decisions.at(label);
    parts.push_back(
        fmt::format("{}: {} decisions, {:.3g} points", label, space.size(), space.cardinality()));
  }
  return join(parts, "; ");
}

std::string sides_text(const StudyConfig& config) {
  const auto name = [](const std::string& space, const std::string& fixed) {
    return space.empty() ? fixed : space;
  };
  const auto names = [](const std::vector<StudySetItem>& items, const std::string& one) {
    std::vector<std::string> all;
    for (const StudySetItem& item : items) all.push_back(item.name);
    return all.empty() ? one : join(all, " + ");
  };
  const std::string accelerators =
      names(config.set.targets, name(config.hardware.space, config.hardware.baseline));
  return fmt::format("networks {}, {}",
                     names(config.set.networks, name(config.network.space, config.network.fixed)),
                     accelerators.empty() ? "no accelerator" : "accelerators " + accelerators);
}

std::string scope_text(const StudyConfig& config) {
  if (!config.phase) {
    return to_string(config.scope) +
           (config.compare_with_fixed_hardware ? ", compared with fixed hardware" : "");
  }
  std::vector<std::string> parts;
  for (const PlannedPhase& phase : config.planned_phases()) {
    parts.push_back(fmt::format("{} ({} evaluations)", to_string(phase.scope), phase.evaluations));
  }
  std::string text = "phase: " + join(parts, ", then ");
  if (config.phase->network_first) return text + "; networks by accuracy alone";
  const RewardKind* kind = config.phase->hardware_reward;
  return text + "; hardware by " + (kind ? "reward " + kind->name : "latency within the targets");
}

std::string front_text(const Objective& objective) {
  std::vector<std::string> metrics, reference;
  for (std::size_t k = 0; k < objective.pareto.size(); ++k) {
    const Figure& metric = *objective.pareto[k];
    metrics.push_back(metric.key + (metric.maximise ? " (more is better)" : ""));
    reference.push_back(format_number(objective.reference[k]) + " " + metric.unit);
  }
  return join(metrics) + "; hypervolume against " + join(reference);
}

std::string reward_text(const Reward& reward) {
  std::vector<std::string> terms;
  const RewardKind* before = nullptr;  // told where it changes
  for (const RewardTerm& term : reward.terms) {
    terms.push_back(fmt::format("{}{} {} {} (weight {})",
                                term.kind == before ? "" : term.kind->name + ": ", term.metric->key,
                                format_number(term.target), term.metric->unit,
                                format_number(term.weight)));
    before = term.kind;
  }
  return join(terms);
}

std::string strategy_text(const StudyConfig& config) {
  std::vector<std::string> parameters;
  for (const auto& [name, value] : config.strategy_parameters) {
    parameters.push_back(name + " " + format_number(value));
  }
  return config.strategy + (parameters.empty() ? "" : ": " + join(parameters));
}

std::string restrict_text(const std::vector<DecisionLimit>& limits) {
  std::vector<std::string> texts;
  for (const DecisionLimit& limit : limits) {
    texts.push_back(limit.decision + " to " + join(limit.choices));
  }
  return join(texts, "; ");
}

std::string costs_text(const CostSettings& cost) {
  if (cost.model->name == kMeasuredCosts) return "measured: " + cost.file;
  if (cost.model->name == kCommandCosts) return "computed: " + join(cost.command.words, " ");
  if (cost.model->predictions_are_final()) {
    return "predicted by " + cost.surrogate.file + ", technology " + cost.technology;
  }
  const std::string by =
      cost.correction.empty() ? "" : " and corrected by what was measured: " + cost.correction;
  return std::string(cost.model->predicts ? "predicted, then simulated" : "simulated") + by +
         ", technology " + cost.technology;
}

About about(const StoredStudy& study) {
  const StudyConfig& config = study.config;
  std::vector<std::string> seeds, constraints;
  for (const std::uint64_t seed : config.seeds) seeds.push_back(std::to_string(seed));
  for (const Constraint& constraint : study.objective.constraints) {
    constraints.push_back(to_string(constraint));
  }
  const StudyFacts& facts = study.description.facts;
  About about{{"scope", scope_text(config)},
              {"spaces", sides_text(config)},
              {"searched", searched_text(study)},
              {"Pareto front", front_text(study.objective)}};
  if (!config.restrict.empty()) about.emplace_back("restricted", restrict_text(config.restrict));
  if (study.objective.reward) about.emplace_back("reward", reward_text(*study.objective.reward));
  about.emplace_back("constraints", constraints.empty() ? "none" : join(constraints));
  about.emplace_back("accuracy", facts.accuracy.empty() ? "unknown" : facts.accuracy);
  about.emplace_back("costs", costs_text(config.cost));
  about.emplace_back("strategy", strategy_text(config));
  about.emplace_back(
      "budget", fmt::format("{} evaluations a search; seeds {}", config.evaluations, join(seeds)));
  about.emplace_back("begun with", facts.build);
  return about;
}

/// What a search asks for in a step.
std::int64_t planned_evaluations(const StudyConfig& config, const StudyRun& run,
                                 std::int64_t step) {
  if (!config.phase || run.label != kPhaseLabel) return config.evaluations;
  return config.planned_phases()
      .at(static_cast<std::size_t>(step / config.cost.rounds))
      .evaluations;
}

/// Trials of one run, step and stage.
class Tally {
 public:
  Tally(const StoredStudy& study, StudyRun run, std::int64_t step, std::string stage)
      : study_(study) {
    progress_.run = std::move(run);
    progress_.step = step;
    progress_.stage = std::move(stage);
    progress_.figures = study.config.cost.figures();
    if (progress_.stage == to_string(Stage::kSearch)) {
      progress_.planned = planned_evaluations(study.config, progress_.run, step);
    }
  }
  void add(const StoredTrial& trial) {
    const Evaluation& evaluation = trial.record.evaluation;
    if (evaluation.claimed || (evaluation.ok() && !evaluation.simulated)) {
      progress_.figures = evaluation.source();
    }
    ++progress_.trials;
    ++progress_.by_status[evaluation.status];
    if (!evaluation.ok()) return;
    progress_.over_limits += study_.outcome(trial).acceptable() ? 0 : 1;
    with_figures_.push_back(&trial);
  }
  SearchProgress finished() {
    const TrialList front = front_of(study_.objective, with_figures_);
    progress_.front = front.size();
    progress_.hypervolume = hypervolume_of(study_.objective, front);
    return progress_;
  }

 private:
  const StoredStudy& study_;
  SearchProgress progress_;
  TrialList with_figures_;
};

/// Every search, begun or not, and all steps and stages that have trials.
std::vector<SearchProgress> searches(const StoredStudy& study) {
  using Place = std::tuple<std::size_t, std::int64_t, std::string>;  // run, step, stage
  const std::string search = to_string(Stage::kSearch);
  const auto in_order = [&](const Place& a, const Place& b) {
    // A search comes before what is made of it.
    const auto key = [&](const Place& place) {
      return std::tuple(std::get<0>(place), std::get<1>(place), std::get<2>(place) != search);
    };
    return key(a) != key(b) ? key(a) < key(b) : std::get<2>(a) < std::get<2>(b);
  };
  std::map<Place, Tally, decltype(in_order)> tallies(in_order);
  const auto tally = [&](std::size_t run, std::int64_t step, const std::string& stage) -> Tally& {
    const StudyRun& it = study.description.runs[run];
    return tallies.try_emplace({run, step, stage}, study, it, step, stage).first->second;
  };
  for (std::size_t run = 0; run < study.description.runs.size(); ++run) tally(run, 0, search);
  for (const StoredTrial& trial : study.trials) {
    tally(trial.run, trial.record.step, trial.stage).add(trial);
  }
  std::vector<SearchProgress> progress;
  for (auto& [place, of_place] : tallies) progress.push_back(of_place.finished());
  return progress;
}

std::vector<TrialReason> reasons(const StoredStudy& study) {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  for (const StoredTrial& trial : study.trials) {
    const Evaluation& evaluation = trial.record.evaluation;
    if (evaluation.claimed) continue;  // it is no trial of the study's searches
    const std::string status = to_string(evaluation.status);
    if (!evaluation.ok()) {
      ++counts[{status, evaluation.reason.substr(0, evaluation.reason.find(':'))}];
      continue;
    }
    for (const Constraint& constraint : study.objective.constraints) {
      const double value = evaluation.value(*constraint.metric);
      const bool holds =
          constraint.metric->maximise ? value >= constraint.limit : value <= constraint.limit;
      if (!holds) ++counts[{status, "not " + to_string(constraint)}];
    }
  }
  std::vector<TrialReason> reasons;
  for (const auto& [key, count] : counts) reasons.push_back({key.first, key.second, count});
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const TrialReason& a, const TrialReason& b) { return a.trials > b.trials; });
  return reasons;
}

std::vector<BestTrial> best_so_far(const StoredStudy& study) {
  std::vector<BestTrial> best;
  for (const std::string& label : study.labels()) {
    TrialList trials = final_of(study, study.all_trials());
    std::erase_if(trials, [&](const StoredTrial* t) { return study.run_of(*t).label != label; });
    if (study.objective.reward) {
      best.push_back({"reward", best_of(study.objective, trials, [&](const StoredTrial& trial) {
                        return study.outcome(trial).reward;
                      })});
    }
    for (const Figure* metric : study.objective.pareto) {
      best.push_back({metric->key, best_of(study.objective, trials, [&](const StoredTrial& trial) {
                        const double value = trial.record.evaluation.value(*metric);
                        return metric->maximise ? value : -value;
                      })});
    }
  }
  std::erase_if(best, [](const BestTrial& row) { return row.trial == nullptr; });
  return best;
}

TimeSummary times(const StoredStudy& study) {
  TimeSummary summary;
  for (const StoredTrial& trial : study.trials) {
    if (trial.record.evaluation.claimed) continue;  // it took no evaluation
    const auto at = study.timings.find(trial.record.id);
    if (at == study.timings.end()) continue;
    const TrialTiming& timing = at->second;
    if (summary.trials == 0) summary.first = summary.last = timing.stored_at;
    summary.first = std::min(summary.first, timing.stored_at);
    summary.last = std::max(summary.last, timing.stored_at);
    ++summary.trials;
    summary.evaluation_ms += timing.evaluation_ms;
    summary.longest_ms = std::max(summary.longest_ms, timing.evaluation_ms);
    summary.known_before += timing.evaluation_ms == 0 ? 1 : 0;
  }
  return summary;
}

}  // namespace

StudyOverview study_overview(const StoredStudy& study) {
  return {about(study),       searches(study), reasons(study),
          best_so_far(study), times(study),    training_totals(study)};
}

}  // namespace dovetail
