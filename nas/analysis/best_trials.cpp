#include "nas/analysis/best_trials.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/container_hash/hash.hpp>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/text/decimal.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/analysis/fronts.h"
#include "nas/analysis/study_tables.h"
#include "nas/study/study_metrics.h"

namespace dovetail {
namespace {

constexpr const char* kReward = "reward";
constexpr const char* kHardware = "hw.";  // how names of hardware decisions begin

struct ChoicesHash {
  std::size_t operator()(const Choices& choices) const {
    return boost::hash_range(choices.begin(), choices.end());
  }
};

/// Whether a trial holds all that is asked, by figures that it has.
bool answers(const StoredStudy& study, const BestQuery& query, const StoredTrial& trial) {
  if (!study.outcome(trial).acceptable()) return false;
  const Evaluation& evaluation = trial.record.evaluation;
  return std::all_of(query.limits.begin(), query.limits.end(),
                     [&](const Limit& limit) { return limit.holds(evaluation); });
}

/// Distinct candidates that may answer, by id. What was predicted and then simulated is not asked
/// for its prediction.
TrialList candidates(const StoredStudy& study, const BestQuery& query, const std::string& label) {
  TrialList list;
  std::unordered_set<Choices, ChoicesHash> seen;
  for (const bool final : {true, false}) {
    if (!final && !query.predicted && !query.claimed) continue;
    for (const StoredTrial& trial : study.trials) {
      if (study.run_of(trial).label != label) continue;
      const Evaluation& evaluation = trial.record.evaluation;
      if (evaluation.claimed != query.claimed) continue;
      if (study.is_final(trial) != final) continue;
      if (seen.insert(trial.record.choices).second && answers(study, query, trial)) {
        list.push_back(&trial);
      }
    }
  }
  std::sort(list.begin(), list.end(),
            [](const StoredTrial* a, const StoredTrial* b) { return a->record.id < b->record.id; });
  return list;
}

void sort_by(const std::string& figure, TrialList& trials) {
  const Figure* metric = figure == kReward ? nullptr : &find_metric(figure);
  if (metric != nullptr) {
    std::erase_if(trials, [&](const StoredTrial* t) { return !t->record.evaluation.has(*metric); });
  }
  const auto value = [&](const StoredTrial* trial) {
    if (metric == nullptr) return -trial->record.reward.value_or(-HUGE_VAL);
    const double figures = trial->record.evaluation.value(*metric);
    return metric->maximise ? -figures : figures;
  };
  std::stable_sort(trials.begin(), trials.end(),
                   [&](const StoredTrial* a, const StoredTrial* b) { return value(a) < value(b); });
}

/// Throws InputError for a figure of networks or accelerators that the study is not about.
void require_known(const StoredStudy& study, const Figure& metric) {
  std::vector<std::string> known;
  for (const Figure* one : study_metrics(study.config)) {
    if (one == &metric) return;
    known.push_back(one->key);
  }
  throw InputError(unknown_name("metric of study '" + study.name() + "'", metric.key, known));
}

/// Metrics that the answer is about and that are not in every table of trials.
std::vector<const Figure*> further_metrics(const StoredStudy& study, const BestQuery& query) {
  std::vector<const Figure*> asked = study.objective.pareto;
  for (const Constraint& constraint : study.objective.constraints) {
    asked.push_back(constraint.metric);
  }
  for (const Limit& limit : query.limits) asked.push_back(limit.metric);
  if (!query.by.empty() && query.by != kReward) asked.push_back(&find_metric(query.by));
  std::vector<const Figure*> further;
  const auto shown = table_figures(study.objective);
  for (const Figure* metric : study_metrics(study.config)) {
    if (std::find(shown.begin(), shown.end(), metric) != shown.end()) continue;
    if (std::find(asked.begin(), asked.end(), metric) != asked.end()) further.push_back(metric);
  }
  return further;
}

/// The choice of a decision in a trial; "" if its run does not decide it.
std::string choice_of(const StoredStudy& study, const StoredTrial& trial,
                      const std::string& decision) {
  const DecisionSpace& space = study.description.decisions.at(study.run_of(trial).label);
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space[i].name == decision) return space[i].choices[trial.record.choices[i]];
  }
  return "";
}

/// Hardware decisions that differ among trials, and a sentence about those that do not.
std::pair<std::vector<std::string>, std::string> hardware_columns(const StoredStudy& study,
                                                                  const TrialList& trials) {
  std::vector<std::string> columns, common;
  for (const std::string& name : study.decision_names()) {
    if (!name.starts_with(kHardware)) continue;
    std::set<std::string> choices;
    for (const StoredTrial* trial : trials) choices.insert(choice_of(study, *trial, name));
    const std::string short_name = name.substr(std::string(kHardware).size());
    if (choices.size() > 1) {
      columns.push_back(name);
    } else if (!choices.begin()->empty()) {
      common.push_back(short_name + " " + *choices.begin());
    }
  }
  const std::string all = common.empty() ? "" : "In all of them: " + join(common) + "\n";
  return {columns, all};
}

std::string question(const StoredStudy& study, const BestQuery& query) {
  std::vector<std::string> metrics, limits;
  for (const Figure* metric : study.objective.pareto) metrics.push_back(metric->key);
  for (const Constraint& constraint : study.objective.constraints) {
    limits.push_back(to_string(constraint));
  }
  for (const Limit& limit : query.limits) limits.push_back(limit.str());
  std::string text = query.by.empty() ? "Pareto front of " + join(metrics) : "best by " + query.by;
  text += limits.empty() ? ", without limits" : ", with " + join(limits);
  if (query.claimed) return text + ", claimed and not evaluated";
  const CostSettings& cost = study.config.cost;
  const bool further = query.predicted && !cost.model->predictions_are_final();
  return text + ", " + cost.figures() + (further ? " or predicted" : "");
}

std::string table_text(const StoredStudy& study, const BestQuery& query, const TrialList& trials) {
  using enum Table::Align;
  const auto further = further_metrics(study, query);
  const auto [hardware, in_common] = hardware_columns(study, trials);
  std::vector<Table::Column> first{{"run", kLeft}, {"seed"}, {"trial"}}, last;
  const bool mixed = query.predicted || query.claimed;
  if (mixed) first.push_back({"figures", kLeft});
  if (study.objective.reward) last.push_back({"reward"});
  for (const Figure* metric : further) {
    last.push_back({fmt::format("{} [{}]", metric->name, metric->unit)});
  }
  for (const std::string& name : hardware) {
    last.push_back({name.substr(std::string(kHardware).size())});
  }
  Table table(figure_columns(study.objective, first, last));
  for (const StoredTrial* trial : trials) {
    const StudyRun& run = study.run_of(*trial);
    const Evaluation& evaluation = trial->record.evaluation;
    std::vector<std::string> cells{run.label, std::to_string(run.seed),
                                   std::to_string(trial->record.id)};
    if (mixed) cells.emplace_back(evaluation.source(study.config.cost.model->figures));
    for (std::string& cell : figure_cells(evaluation, study.objective))
      cells.push_back(std::move(cell));
    if (study.objective.reward) {
      const std::optional<double>& reward = trial->record.reward;
      cells.push_back(reward ? fmt::format("{:.5f}", *reward) : "-");
    }
    for (const Figure* metric : further) {
      cells.push_back(evaluation.has(*metric) ? fmt::format("{:.5g}", evaluation.value(*metric))
                                              : "-");
    }
    for (const std::string& name : hardware) {
      const std::string choice = choice_of(study, *trial, name);
      cells.push_back(choice.empty() ? "-" : choice);
    }
    table.add_row(std::move(cells));
  }
  return table.str() + in_common;
}

}  // namespace

std::pair<std::string, double> parse_assignment(const std::string& text,
                                                const std::string& option) {
  const std::size_t equals = text.find('=');
  const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  const std::optional<double> value = decimal_number(number);
  if (!value) {
    throw InputError(fmt::format(
        "{}: found '{}', allowed METRIC=NUMBER, for example latency_ms=0.5", option, text));
  }
  return {text.substr(0, equals), *value};
}

Limit Limit::parse(const std::string& text, bool most, const std::string& option) {
  const auto [metric, value] = parse_assignment(text, option);
  try {
    return {&find_metric(metric), value, most};
  } catch (const InputError& e) {
    throw InputError(option + ": " + e.what());
  }
}

bool Limit::holds(const Evaluation& evaluation) const {
  const double found = evaluation.value(*metric);
  return most ? found <= value : found >= value;
}

std::string Limit::str() const {
  return fmt::format("{} {} {}", metric->key, most ? "<=" : ">=", format_number(value));
}

TrialList best_trials(const StoredStudy& study, const BestQuery& query) {
  const std::vector<std::string> labels = study.labels();
  if (!query.run.empty() && std::find(labels.begin(), labels.end(), query.run) == labels.end()) {
    throw InputError(unknown_name("run", query.run, labels));
  }
  if (query.by == kReward && !study.objective.reward) {
    throw InputError("study '" + study.name() + "' has no reward; best by a metric, or the front");
  }
  if (!query.by.empty() && query.by != kReward) require_known(study, find_metric(query.by));
  for (const Limit& limit : query.limits) require_known(study, *limit.metric);
  TrialList best;
  for (const std::string& label : labels) {
    if (!query.run.empty() && label != query.run) continue;
    TrialList of_label = candidates(study, query, label);
    if (query.by.empty()) of_label = front_of(study.objective, of_label);
    best.insert(best.end(), of_label.begin(), of_label.end());
  }
  if (!query.by.empty()) sort_by(query.by, best);
  return best;
}

std::string best_text(const StoredStudy& study, const BestQuery& query, const TrialList& trials,
                      std::size_t count) {
  const std::string head = fmt::format("Study '{}': {}\n", study.name(), question(study, query));
  if (trials.empty()) {
    return head + fmt::format("No such trial among the {} that are stored.\n", study.trials.size());
  }
  const std::size_t most = count == 0 ? trials.size() : count;
  TrialList shown;
  if (query.by.empty()) {  // `count` of each front
    for (const std::string& label : study.labels()) {
      TrialList front;
      std::copy_if(trials.begin(), trials.end(), std::back_inserter(front),
                   [&](const StoredTrial* t) { return study.run_of(*t).label == label; });
      for (const std::size_t i : evenly_spread(front.size(), most)) shown.push_back(front[i]);
    }
  } else {
    shown.assign(trials.begin(),
                 trials.begin() + static_cast<std::ptrdiff_t>(std::min(most, trials.size())));
  }
  std::string text = head + table_text(study, query, shown);
  if (shown.size() < trials.size()) {
    text += fmt::format("{} of {} shown; --count 0 shows all\n", shown.size(), trials.size());
  }
  return text;
}

}  // namespace dovetail
