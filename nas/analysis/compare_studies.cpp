#include "nas/analysis/compare_studies.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/numbers/samples.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/analysis/best_trials.h"
#include "nas/analysis/fronts.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

constexpr std::size_t kLevels = 5;

std::string metrics_text(const Objective& objective) {
  std::vector<std::string> keys;
  for (const Figure* metric : objective.pareto) keys.push_back(metric->key);
  return join(keys);
}

std::set<std::string> constraint_set(const Objective& objective) {
  std::set<std::string> set;
  for (const Constraint& constraint : objective.constraints) set.insert(to_string(constraint));
  return set;
}

std::string constraints_text(const Objective& objective) {
  const std::set<std::string> set = constraint_set(objective);
  return set.empty() ? "none" : join(std::vector<std::string>(set.begin(), set.end()));
}

double reference_of(const Objective& objective, const Figure* metric) {
  const auto at = std::find(objective.pareto.begin(), objective.pareto.end(), metric);
  return objective.reference[static_cast<std::size_t>(at - objective.pareto.begin())];
}

std::string reference_text(const Objective& objective) {
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < objective.pareto.size(); ++k) {
    parts.push_back(objective.pareto[k]->key + "=" + format_number(objective.reference[k]));
  }
  return join(parts, ",");
}

/// Throws InputError unless both are after the same.
void require_same_objective(const StoredStudy& a, const StoredStudy& b) {
  const auto refuse = [&](const std::string& what, const std::string& of_a,
                          const std::string& of_b) {
    throw InputError(fmt::format("{} and {} cannot be compared: their {} differ: {}; and {}",
                                 a.file.string(), b.file.string(), what, of_a, of_b));
  };
  const std::set<const Figure*> metrics_of_a(a.objective.pareto.begin(), a.objective.pareto.end());
  const std::set<const Figure*> metrics_of_b(b.objective.pareto.begin(), b.objective.pareto.end());
  if (metrics_of_a != metrics_of_b) {
    refuse("objectives", metrics_text(a.objective), metrics_text(b.objective));
  }
  if (constraint_set(a.objective) != constraint_set(b.objective)) {
    refuse("constraints", constraints_text(a.objective), constraints_text(b.objective));
  }
}

void require_same_reference(const StoredStudy& a, const StoredStudy& b) {
  for (const Figure* metric : a.objective.pareto) {
    if (reference_of(a.objective, metric) == reference_of(b.objective, metric)) continue;
    throw InputError(fmt::format(
        "{} and {} have different reference points of the hypervolume: {}; and {}. State one for "
        "all: --reference {}",
        a.file.string(), b.file.string(), reference_text(a.objective), reference_text(b.objective),
        reference_text(a.objective)));
  }
}

/// The values of "METRIC=NUMBER,..." for the metrics of the front, in their order.
std::vector<double> parse_reference(const std::string& text,
                                    const std::vector<const Figure*>& pareto) {
  std::vector<Limit> limits;
  for (const std::string& part : split(text, ',')) {
    limits.push_back(Limit::parse(part, true, "--reference"));
  }
  std::vector<double> reference;
  for (const Figure* metric : pareto) {
    const auto at = std::find_if(limits.begin(), limits.end(),
                                 [&](const Limit& limit) { return limit.metric == metric; });
    if (at == limits.end()) throw InputError("--reference: '" + metric->key + "' is missing");
    reference.push_back(at->value);
    limits.erase(at);
  }
  if (!limits.empty()) {
    throw InputError("--reference: found '" + limits.front().metric->key +
                     "', which is not of the Pareto front or there twice");
  }
  return reference;
}

Objective common_objective(const std::vector<StoredStudy>& studies,
                           const CompareSettings& settings) {
  Objective objective = studies.front().objective;
  for (const StoredStudy& study : studies) {
    require_same_objective(studies.front(), study);
    if (settings.reference.empty()) require_same_reference(studies.front(), study);
  }
  if (!settings.reference.empty()) {
    objective.reference = parse_reference(settings.reference, objective.pareto);
  }
  return objective;
}

std::vector<Contender> find_contenders(const std::vector<StoredStudy>& studies,
                                       const CompareSettings& settings,
                                       const Objective& objective) {
  std::set<std::string> names, labels;
  for (const StoredStudy& study : studies) {
    names.insert(study.name());
    for (const std::string& label : study.labels()) labels.insert(label);
  }
  for (const std::string& label : settings.runs) {
    if (!labels.contains(label)) {
      throw InputError(
          unknown_name("run", label, std::vector<std::string>(labels.begin(), labels.end())));
    }
  }
  std::vector<Contender> contenders;
  for (const StoredStudy& study : studies) {
    for (const std::string& label : study.labels()) {
      const auto& wanted = settings.runs;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), label) == wanted.end()) {
        continue;
      }
      Contender contender;
      // Studies of the same name are told apart by where they are.
      contender.name =
          names.size() == studies.size() ? study.name() : study.file.parent_path().string();
      if (study.labels().size() > 1) contender.name += "/" + label;
      contender.study = &study;
      contender.label = label;
      for (std::size_t run = 0; run < study.description.runs.size(); ++run) {
        if (study.description.runs[run].label != label) continue;
        contender.runs.push_back(run_result(study, objective, run));
      }
      Contender claimed{contender.name + " (claimed)", &study, label, {}};
      for (std::size_t run = 0; settings.claimed && run < study.description.runs.size(); ++run) {
        if (study.description.runs[run].label != label) continue;
        RunResult result = claimed_result(study, objective, run);
        if (!result.searched.empty()) claimed.runs.push_back(std::move(result));
      }
      // A study that has nothing but claims has no search to compare.
      const bool searched = std::ranges::any_of(
          contender.runs, [](const RunResult& run) { return !run.searched.empty(); });
      if (searched || claimed.runs.empty()) contenders.push_back(std::move(contender));
      if (!claimed.runs.empty()) contenders.push_back(std::move(claimed));
    }
  }
  if (contenders.size() < 2) {
    throw InputError("found one kind of search, allowed two or more: name a second study");
  }
  return contenders;
}

/// Evenly spread over the range that the fronts of all contenders share; to three digits.
std::vector<double> common_levels(const std::vector<Contender>& contenders, const Figure& at) {
  double low = -HUGE_VAL, high = HUGE_VAL;
  for (const Contender& contender : contenders) {
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (const RunResult& run : contender.runs) {
      for (const StoredTrial* trial : run.front) {
        const double value = trial->record.evaluation.value(at);
        least = std::min(least, value);
        most = std::max(most, value);
      }
    }
    low = std::max(low, least);
    high = std::min(high, most);
  }
  std::vector<double> levels;
  if (!(low <= high)) return levels;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const double level = low + (high - low) * static_cast<double>(i) / (kLevels - 1);
    const double rounded = std::stod(fmt::format("{:.3g}", level));
    if (levels.empty() || levels.back() != rounded) levels.push_back(rounded);
  }
  return levels;
}

LevelTable level_table(const std::vector<Contender>& contenders, const Figure& metric,
                       const Figure& at, const std::vector<Limit>& asked) {
  LevelTable table{&metric, &at, {}, {}};
  for (const Limit& limit : asked) {
    if (limit.metric == &at) table.levels.push_back(limit.value);
  }
  if (asked.empty()) table.levels = common_levels(contenders, at);
  for (const Contender& contender : contenders) {
    std::vector<std::vector<double>> by_level(table.levels.size());
    for (std::size_t i = 0; i < table.levels.size(); ++i) {
      for (const RunResult& run : contender.runs) {
        const auto best = best_at(run.front, metric, at, table.levels[i]);
        if (best) by_level[i].push_back(*best);
      }
    }
    table.best.push_back(std::move(by_level));
  }
  return table;
}

/// The first metric of the front at levels of each other one, and the other way round.
std::vector<LevelTable> level_tables(const StudyComparison& comparison,
                                     const CompareSettings& settings) {
  const auto& pareto = comparison.objective.pareto;
  std::vector<Limit> asked;
  for (const std::string& text : settings.levels) {
    asked.push_back(Limit::parse(text, true, "--at"));
    if (std::find(pareto.begin(), pareto.end(), asked.back().metric) == pareto.end()) {
      throw InputError("--at: found '" + asked.back().metric->key + "', allowed " +
                       metrics_text(comparison.objective));
    }
  }
  std::vector<LevelTable> tables;
  for (std::size_t k = 1; k < pareto.size(); ++k) {
    for (const auto& [metric, at] :
         {std::pair(pareto[0], pareto[k]), std::pair(pareto[k], pareto[0])}) {
      tables.push_back(level_table(comparison.contenders, *metric, *at, asked));
    }
  }
  std::erase_if(tables, [&](const LevelTable& t) { return t.levels.empty() && !asked.empty(); });
  return tables;
}

double dominated_percent(const Objective& objective, const TrialList& a, const TrialList& b) {
  if (b.empty()) return 0;
  std::size_t count = 0;
  for (const StoredTrial* of_b : b) {
    const Outcome there = objective.outcome(of_b->record.evaluation);
    count += std::any_of(a.begin(), a.end(), [&](const StoredTrial* of_a) {
      return dominates(objective.outcome(of_a->record.evaluation).objectives, there.objectives);
    });
  }
  return 100 * static_cast<double>(count) / static_cast<double>(b.size());
}

std::vector<std::vector<Spread>> domination(const StudyComparison& comparison) {
  std::vector<std::vector<Spread>> table;
  for (const Contender& a : comparison.contenders) {
    table.emplace_back();
    for (const Contender& b : comparison.contenders) {
      std::vector<double> shares;
      for (const RunResult& run_a : a.runs) {
        for (const RunResult& run_b : b.runs) {
          shares.push_back(dominated_percent(comparison.objective, run_a.front, run_b.front));
        }
      }
      table.back().push_back(Spread::of(shares));
    }
  }
  return table;
}

/// A target that a user wrote.
struct AskedTarget {
  std::string name;
  std::optional<double> hypervolume, reward;
  std::vector<Limit> limits;  // all of them, and the constraints
};

AskedTarget parse_target(const std::string& text) {
  AskedTarget target;
  if (text.find(',') == std::string::npos) {
    const auto [what, value] = parse_assignment(text, "--target");
    target.name = fmt::format("{} >= {}", what, format_number(value));
    if (what == "hypervolume") target.hypervolume = value;
    if (what == "reward") target.reward = value;
    if (target.hypervolume || target.reward) return target;
  }
  std::vector<std::string> names;
  for (const std::string& part : split(text, ',')) {
    Limit limit = Limit::parse(part, true, "--target");
    limit.most = !limit.metric->maximise;
    names.push_back(limit.str());
    target.limits.push_back(limit);
  }
  target.name = join(names);
  return target;
}

/// After how many evaluations a search first had a design within all limits.
std::optional<std::int64_t> evaluations_to(const StoredStudy& study, const TrialList& searched,
                                           const std::vector<Limit>& limits) {
  std::int64_t evaluations = 0;
  for (const StoredTrial* trial : searched) {
    ++evaluations;
    if (!study.outcome(*trial).acceptable()) continue;
    if (std::all_of(limits.begin(), limits.end(),
                    [&](const Limit& limit) { return limit.holds(trial->record.evaluation); })) {
      return evaluations;
    }
  }
  return std::nullopt;
}

Attainment attainment_of(const Contender& contender, const AskedTarget& target,
                         const std::vector<double>& reference) {
  Attainment it{contender.name, target.name, "", 0, 0, {}};
  for (const RunResult& run : contender.runs) {
    it.evaluations = std::max(it.evaluations, run.history.evaluations());
    if (target.hypervolume) {
      it.reached.push_back(run.history.evaluations_to_hypervolume(*target.hypervolume, reference));
    } else if (target.reward) {
      it.reached.push_back(run.history.evaluations_to_reward(*target.reward));
    } else {
      it.reached.push_back(evaluations_to(*contender.study, run.searched, target.limits));
    }
  }
  return it;
}

std::vector<Attainment> find_attainments(const StudyComparison& comparison,
                                         const CompareSettings& settings) {
  const Objective& objective = comparison.objective;
  const std::vector<double> reference = objective.minimised(objective.reference);
  std::vector<Attainment> all;
  for (const std::string& text : settings.targets) {
    const AskedTarget target = parse_target(text);
    for (const Contender& contender : comparison.contenders) {
      if (target.reward && !contender.study->objective.reward) {
        throw InputError("--target reward: study '" + contender.study->name() + "' has no reward");
      }
      all.push_back(attainment_of(contender, target, reference));
    }
  }
  if (!settings.targets.empty()) return all;
  std::vector<SearchKind> kinds;
  for (const Contender& contender : comparison.contenders) {
    kinds.push_back({contender.name, {}});
    for (const RunResult& run : contender.runs) kinds.back().searches.push_back(&run.history);
  }
  all = attainments(kinds, reference);
  // Rewards of one study say nothing about those of another.
  std::erase_if(all, [](const Attainment& it) { return it.target != "hypervolume"; });
  return all;
}

/// "costs differ in technology: 16nm; 7nm" for what the studies do not share.
std::vector<std::string> find_notes(const std::vector<StoredStudy>& studies, bool claimed) {
  std::vector<std::string> notes;
  const auto note = [&](const std::string& what, const auto& of) {
    std::vector<std::string> values;
    for (const StoredStudy& study : studies) {
      const std::string value = of(study);
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
    if (values.size() > 1) notes.push_back(what + ": " + join(values, "; "));
  };
  note("accuracies are of different sources",
       [](const StoredStudy& study) { return study.description.facts.accuracy; });
  note("costs are of different kinds",
       [](const StoredStudy& study) { return std::string(study.config.cost.figures()); });
  note("corrections of the simulator are of different files", [](const StoredStudy& study) {
    const auto& files = study.description.facts.files;
    const auto correction = files.find("correction");
    return correction == files.end() ? "none" : "checksum " + correction->second;
  });
  note("costs are of different technologies",
       [](const StoredStudy& study) { return study.config.cost.technology; });
  note("budgets differ, evaluations a search",
       [](const StoredStudy& study) { return std::to_string(study.config.evaluations); });
  note("the programs differ",
       [](const StoredStudy& study) { return study.description.facts.build; });
  for (const StoredStudy& study : studies) {
    const StudyState state = StudyState::of(study.file);
    if (!state.complete) notes.push_back(study.file.string() + " is " + state.str());
    const auto claims = std::ranges::count_if(
        study.trials, [](const StoredTrial& trial) { return trial.record.evaluation.claimed; });
    if (claims == 0) continue;
    notes.push_back(fmt::format("{} trials of {} are claimed and were not evaluated: {}", claims,
                                study.file.string(),
                                claimed ? "they stand apart" : "left out (--claimed shows them)"));
  }
  return notes;
}

}  // namespace

std::vector<double> Contender::hypervolumes() const {
  std::vector<double> values;
  for (const RunResult& run : runs) values.push_back(run.hypervolume);
  return values;
}

StudyComparison compare_studies(const std::vector<StoredStudy>& studies,
                                const CompareSettings& settings) {
  StudyComparison comparison;
  comparison.objective = common_objective(studies, settings);
  comparison.contenders = find_contenders(studies, settings, comparison.objective);
  comparison.levels = level_tables(comparison, settings);
  comparison.dominated = domination(comparison);
  comparison.attainments = find_attainments(comparison, settings);
  comparison.notes = find_notes(studies, settings.claimed);
  return comparison;
}

}  // namespace dovetail
