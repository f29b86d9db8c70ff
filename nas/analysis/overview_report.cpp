#include "nas/analysis/overview_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/table.h"
#include "nas/analysis/study_tables.h"
#include "nas/analysis/trial_table.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;
using enum Table::Align;

constexpr std::size_t kReasons = 10;  // shown on the terminal
constexpr TrialStatus kWithoutFigures[] = {TrialStatus::kInfeasible, TrialStatus::kFailed,
                                           TrialStatus::kRefused};

std::int64_t count_of(const SearchProgress& search, TrialStatus status) {
  const auto at = search.by_status.find(status);
  return at == search.by_status.end() ? 0 : at->second;
}

std::string searches_text(const StudyOverview& overview) {
  // Only slow accuracy sources have something to be spared.
  const bool skipped = std::ranges::any_of(overview.searches, [](const SearchProgress& search) {
    return count_of(search, TrialStatus::kSkipped) > 0;
  });
  std::vector<Table::Column> columns{{"run", kLeft}, {"seed"},   {"step"}, {"stage", kLeft},
                                     {"trials"},     {"of"},     {"ok"},   {"infeasible"},
                                     {"failed"},     {"refused"}};
  if (skipped) columns.push_back({"skipped"});
  for (const char* name : {"over limits", "front", "hypervolume"}) columns.push_back({name});
  columns.push_back({"figures", kLeft});
  Table table(columns);
  for (const SearchProgress& search : overview.searches) {
    std::vector<std::string> cells{search.run.label,
                                   std::to_string(search.run.seed),
                                   std::to_string(search.step + 1),
                                   search.stage,
                                   std::to_string(search.trials),
                                   search.planned ? std::to_string(*search.planned) : "-"};
    cells.push_back(std::to_string(count_of(search, TrialStatus::kOk)));
    for (const TrialStatus status : kWithoutFigures) {
      cells.push_back(std::to_string(count_of(search, status)));
    }
    if (skipped) cells.push_back(std::to_string(count_of(search, TrialStatus::kSkipped)));
    cells.push_back(std::to_string(search.over_limits));
    cells.push_back(std::to_string(search.front));
    cells.push_back(fmt::format("{:.4f}", search.hypervolume));
    cells.emplace_back(search.trials == 0 ? "-" : search.figures);
    table.add_row(std::move(cells));
  }
  return "Searches:\n" + table.str();
}

std::string reasons_text(const StoredStudy& study, const StudyOverview& overview) {
  if (overview.reasons.empty()) return "";
  Table table({{"status", kLeft}, {"reason", kLeft}, {"trials"}, {"share [%]"}});
  const std::size_t shown = std::min(kReasons, overview.reasons.size());
  const auto all = static_cast<double>(study.trials.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const TrialReason& row = overview.reasons[i];
    table.add_row({row.status, row.reason, std::to_string(row.trials),
                   fmt::format("{:.1f}", 100 * static_cast<double>(row.trials) / all)});
  }
  std::string text = "\nTrials that do not count, and why:\n" + table.str();
  if (shown < overview.reasons.size()) {
    text +=
        fmt::format("and {} rarer reasons (all with --json)\n", overview.reasons.size() - shown);
  }
  return text;
}

std::string best_text(const StoredStudy& study, const StudyOverview& overview) {
  if (overview.best.empty()) {
    return fmt::format("\nBest so far: no {} trial holds the constraints yet\n",
                       study.config.cost.figures());
  }
  std::vector<Table::Column> last;
  if (study.objective.reward) last.push_back({"reward"});
  Table table(figure_columns(study.objective,
                             {{"run", kLeft}, {"best", kLeft}, {"seed"}, {"trial"}}, last));
  const std::string* label = nullptr;
  for (const BestTrial& row : overview.best) {
    const StudyRun& run = study.run_of(*row.trial);
    if (label != nullptr && *label != run.label) table.add_rule();
    label = &run.label;
    std::vector<std::string> cells{run.label, row.by, std::to_string(run.seed),
                                   std::to_string(row.trial->record.id)};
    for (std::string& cell : figure_cells(row.trial->record.evaluation, study.objective)) {
      cells.push_back(std::move(cell));
    }
    if (study.objective.reward) {
      cells.push_back(fmt::format("{:.5f}", study.outcome(*row.trial).reward));
    }
    table.add_row(std::move(cells));
  }
  return fmt::format("\nBest so far ({}, within the constraints):\n{}", study.config.cost.figures(),
                     table.str());
}

std::string times_text(const TimeSummary& times) {
  if (times.trials == 0) return "";
  return fmt::format(
      "\nTimes: stored from {} to {}; evaluations took {:.1f} s in all, {:.2f} ms each, {:.2f} ms "
      "at most; {} of {} trials repeat an earlier one\n",
      times.first, times.last, times.evaluation_ms / 1000,
      times.evaluation_ms / static_cast<double>(times.trials), times.longest_ms, times.known_before,
      times.trials);
}

std::string trainings_text(const std::optional<TrainingTotals>& totals) {
  if (!totals) return "";
  std::string text = fmt::format(
      "\nTrainings: {} of {} to their last epoch; {} epochs trained, {} saved by ending early\n",
      totals->to_the_end, totals->trainings, totals->epochs_trained, totals->epochs_saved);
  if (totals->others.empty()) return text;
  Table table({{"not to the end", kLeft}, {"trainings"}, {"epochs trained"}, {"epochs saved"}});
  for (const UnfinishedTrainings& row : totals->others) {
    table.add_row({row.reason, std::to_string(row.trainings), std::to_string(row.epochs_trained),
                   std::to_string(row.epochs_saved)});
  }
  return text + table.str();
}

Json trainings_json(const TrainingTotals& totals) {
  Json json{{"trainings", totals.trainings},
            {"to_the_end", totals.to_the_end},
            {"epochs_trained", totals.epochs_trained},
            {"epochs_saved", totals.epochs_saved}};
  json["not_to_the_end"] = Json::array();
  for (const UnfinishedTrainings& row : totals.others) {
    json["not_to_the_end"].push_back({{"reason", row.reason},
                                      {"trainings", row.trainings},
                                      {"epochs_trained", row.epochs_trained},
                                      {"epochs_saved", row.epochs_saved}});
  }
  return json;
}

Json search_json(const SearchProgress& search) {
  Json json{{"run", search.run.label},
            {"seed", search.run.seed},
            {"step", search.step},
            {"stage", search.stage},
            {"trials", search.trials}};
  if (search.planned) json["planned"] = *search.planned;
  json["ok"] = count_of(search, TrialStatus::kOk);
  for (const TrialStatus status : kWithoutFigures) {
    json[to_string(status)] = count_of(search, status);
  }
  const std::int64_t skipped = count_of(search, TrialStatus::kSkipped);
  if (skipped > 0) json["skipped"] = skipped;
  json["over_limits"] = search.over_limits;
  json["front"] = search.front;
  json["hypervolume"] = search.hypervolume;
  json["figures"] = search.figures;
  return json;
}

}  // namespace

std::string overview_text(const StoredStudy& study, const StudyState& state,
                          const StudyOverview& overview) {
  std::string text = fmt::format("Study '{}' in {}: {}, {} trials\n", study.name(),
                                 study.file.string(), state.str(), study.trials.size());
  for (const auto& [what, value] : overview.about) {
    text += fmt::format("  {:14}{}\n", what, value);
  }
  text += "\n" + searches_text(overview) + reasons_text(study, overview) +
          best_text(study, overview) + trainings_text(overview.trainings) +
          times_text(overview.times);
  if (state.complete || state.process) return text;
  const std::string folder = study.file.parent_path().string();
  return text + fmt::format("\nTo go on: dovetail search {0}/effective.yaml --resume -o {0}\n",
                            folder.empty() ? "." : folder);
}

std::string overview_json(const StoredStudy& study, const StudyState& state,
                          const StudyOverview& overview) {
  Json json{{"schema", "dovetail.study_overview/1"}, {"study", study.name()}};
  json["state"] = state.process ? "running" : state.complete ? "complete" : "stopped";
  json["trials"] = study.trials.size();
  for (const auto& [what, value] : overview.about) json["about"][what] = value;
  json["searches"] = Json::array();
  for (const SearchProgress& search : overview.searches) {
    json["searches"].push_back(search_json(search));
  }
  json["reasons"] = Json::array();
  for (const TrialReason& row : overview.reasons) {
    json["reasons"].push_back(
        {{"status", row.status}, {"reason", row.reason}, {"trials", row.trials}});
  }
  json["best"] = Json::array();
  for (const BestTrial& row : overview.best) {
    Json best{{"run", study.run_of(*row.trial).label},
              {"by", row.by},
              {"seed", study.run_of(*row.trial).seed},
              {"trial", row.trial->record.id}};
    for (const Figure* metric : known_metrics(row.trial->record.evaluation)) {
      best["metrics"][metric->key] = row.trial->record.evaluation.value(*metric);
    }
    if (study.objective.reward) best["reward"] = study.outcome(*row.trial).reward;
    json["best"].push_back(std::move(best));
  }
  const TimeSummary& times = overview.times;
  json["times"] = {{"trials", times.trials},         {"first_stored_at", times.first},
                   {"last_stored_at", times.last},   {"evaluation_ms", times.evaluation_ms},
                   {"longest_ms", times.longest_ms}, {"known_before", times.known_before}};
  if (overview.trainings) json["trainings"] = trainings_json(*overview.trainings);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dovetail
