#include "nas/study/trial_rows.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/text/text.h"

namespace dovetail {

TrialRows::TrialRows(SqliteDatabase& database, std::map<std::int64_t, const Figure*> figures)
    : database_(database),
      figures_(std::move(figures)),
      trial_(database, "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      checksum_(database, "INSERT INTO trial_checksums VALUES (?, ?)") {}

void TrialRows::add(std::size_t run, Stage stage, const TrialRecord& trial) {
  const Evaluation& evaluation = trial.evaluation;
  trial_.bind(0, trial.id);
  trial_.bind(1, static_cast<std::int64_t>(run));
  trial_.bind(2, trial.step);
  trial_.bind(3, to_string(stage));
  trial_.bind(4, trial.number);
  trial_.bind(5, nlohmann::json(trial.choices).dump());
  trial_.bind(6, to_string(evaluation.status));
  trial_.bind(7, evaluation.reason);
  trial_.bind(8, static_cast<std::int64_t>(evaluation.simulated));
  trial_.bind(9, static_cast<std::int64_t>(evaluation.accuracy.extrapolated));
  trial_.bind(10, trial.reward);
  trial_.step();
  trial_.reset();
  const TrialFigures figures = add_figures(trial);
  checksum_.bind(0, trial.id);
  checksum_.bind(1, checksum_of({trial, run, to_string(stage)}, figures));
  checksum_.step();
  checksum_.reset();
}

TrialFigures TrialRows::add_figures(const TrialRecord& trial) {
  std::vector<std::pair<std::int64_t, double>> known;
  TrialFigures named;
  for (const auto& [number, figure] : figures_) {
    if (!trial.evaluation.has(*figure)) continue;  // no row: not known, and no zero
    known.emplace_back(number, trial.evaluation.value(*figure));
    named.emplace_back(figure->key, known.back().second);
  }
  if (known.empty()) return named;
  SqliteStatement& rows = figure_rows(known.size());
  int parameter = 0;
  rows.bind(parameter++, trial.id);
  for (const auto& [number, value] : known) {
    rows.bind(parameter++, number);
    rows.bind(parameter++, value);
  }
  rows.step();
  rows.reset();
  return named;
}

/// One statement for all rows of a trial takes half the time of one for each row.
SqliteStatement& TrialRows::figure_rows(std::size_t count) {
  const auto at = figure_rows_.find(count);
  if (at != figure_rows_.end()) return at->second;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(fmt::format("(?1, ?{}, ?{})", 2 * i + 2, 2 * i + 3));
  }
  // The trial is new, so nothing is replaced; SQLite is spared the search for a conflict.
  const std::string sql = "INSERT OR REPLACE INTO trial_figures VALUES " + join(rows);
  return figure_rows_.try_emplace(count, database_, sql).first->second;
}

}  // namespace dovetail
