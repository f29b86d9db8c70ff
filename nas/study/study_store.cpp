#include "nas/study/study_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/sqlite.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "nas/study/study_schema.h"
#include "nas/study/trial_rows.h"
#include "nas/study/trial_timings.h"

namespace dovetail {
namespace {

constexpr const char* kTrialColumns =
    "id, run, step, number, choices, status, reason, simulated, extrapolated, reward";

void write_description(SqliteDatabase& database, const StudyDescription& description) {
  SqliteStatement fact(database, "INSERT INTO facts VALUES (?, ?)");
  for (const auto& [key, value] : rows_of(description.facts)) {
    fact.bind(0, key);
    fact.bind(1, value);
    fact.step();
    fact.reset();
  }
  SqliteStatement run(database, "INSERT INTO runs VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < description.runs.size(); ++i) {
    run.bind(0, static_cast<std::int64_t>(i));
    run.bind(1, description.runs[i].label);
    run.bind(2, std::to_string(description.runs[i].seed));
    run.step();
    run.reset();
  }
  SqliteStatement decision(database, "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?)");
  for (const auto& [label, space] : description.decisions) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      decision.bind(0, label);
      decision.bind(1, static_cast<std::int64_t>(i));
      decision.bind(2, space[i].name);
      decision.bind(3, space[i].unit);
      decision.bind(4, nlohmann::json(space[i].choices).dump());
      decision.bind(5, nlohmann::json(space[i].values).dump());
      decision.step();
      decision.reset();
    }
  }
}

/// The id of the next trial.
std::int64_t next_id(SqliteDatabase& database) {
  return 1 + database.query_int("SELECT coalesce(max(id), 0) FROM trials");
}

}  // namespace

std::string to_string(Stage stage) {
  return stage == Stage::kSearch ? "search" : "resimulate";
}

StudyStore::StudyStore(std::unique_ptr<SqliteDatabase> database, std::filesystem::path file,
                       Access access)
    : database_(std::move(database)), file_(std::move(file)), access_(access) {}

StudyStore::StudyStore(StudyStore&&) noexcept = default;

StudyStore::~StudyStore() {
  if (!database_ || access_ == Access::kRead) return;
  try {
    // One file that can be copied and read anywhere, without the log beside it.
    database_->execute("PRAGMA journal_mode = DELETE");
  } catch (const RunError&) {
    // Another reader is at it; then the log stays and is as good.
  }
}

StudyStore StudyStore::create(const std::filesystem::path& file,
                              const StudyDescription& description) {
  if (std::filesystem::exists(file)) throw InputError(file.string() + " exists already");
  // Complete before it has its name: a study file is never half a one.
  AtomicFile target(file);
  {
    SqliteDatabase database(target.path(), SqliteDatabase::Mode::kReadWrite);
    SqliteTransaction transaction(database);
    create_study_tables(database);
    write_description(database, description);
    transaction.commit();
  }
  target.commit();
  return open(file, Access::kWrite);
}

StudyStore StudyStore::open(const std::filesystem::path& file, Access access) {
  if (!std::filesystem::is_regular_file(file)) {
    throw InputError(file.string() + ": no study is stored there");
  }
  try {
    auto database = std::make_unique<SqliteDatabase>(file, access == Access::kRead
                                                               ? SqliteDatabase::Mode::kReadOnly
                                                               : SqliteDatabase::Mode::kReadWrite);
    if (access == Access::kRead) database->execute("BEGIN");  // all that follows sees one moment
    open_study_tables(*database, file.string(), access == Access::kWrite);
    StudyStore store(std::move(database), file, access);
    store.figures_ = stored_figures(*store.database_);
    store.read_description();
    return store;
  } catch (const InputError&) {
    throw;
  } catch (const DiskFullError&) {
    throw;
  } catch (const std::exception& e) {  // of SQLite, or of values that are not what they should be
    throw InputError(
        fmt::format("{}: {} (not a study file, or a damaged one)", file.string(), e.what()));
  }
}

void StudyStore::read_description() {
  SqliteStatement facts(*database_, "SELECT key, value FROM facts");
  std::map<std::string, std::string> facts_by_key;
  while (facts.step()) facts_by_key[facts.column_text(0)] = facts.column_text(1);
  description_.facts = facts_of(facts_by_key);

  SqliteStatement runs(*database_, "SELECT label, seed FROM runs ORDER BY run");
  while (runs.step()) {
    description_.runs.push_back({runs.column_text(0), std::stoull(runs.column_text(1))});
  }

  std::map<std::string, std::vector<Decision>> decisions;
  SqliteStatement rows(*database_,
                       "SELECT label, name, unit, choices, choice_values FROM decisions "
                       "ORDER BY label, position");
  while (rows.step()) {
    decisions[rows.column_text(0)].push_back(
        {rows.column_text(1), rows.column_text(2),
         nlohmann::json::parse(rows.column_text(3)).get<std::vector<std::string>>(),
         nlohmann::json::parse(rows.column_text(4)).get<std::vector<double>>()});
  }
  for (auto& [label, list] : decisions) {
    description_.decisions.emplace(label, DecisionSpace(std::move(list)));
  }
  for (const StudyRun& run : description_.runs) {
    if (!description_.decisions.contains(run.label)) {
      throw InputError("the decisions of run '" + run.label + "' are missing");
    }
  }
}

std::vector<TrialRecord> StudyStore::trials(std::size_t run, Stage stage) const {
  auto records = read_trials(
      fmt::format("run = {} AND stage = '{}' ORDER BY step, number", run, to_string(stage)));
  std::int64_t next = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i > 0 && records[i].step != records[i - 1].step) next = 0;
    if (records[i].number != next++) {
      throw InputError(fmt::format("{}: trial {} of run {}, step {} is missing", file_.string(),
                                   next - 1, run, records[i].step));
    }
  }
  return records;
}

std::pair<TrialRecord, std::size_t> StudyStore::trial(std::int64_t id) const {
  auto records = read_trials(fmt::format("id = {}", id));
  if (records.empty()) {
    throw InputError(fmt::format("{}: found no trial {}, allowed 1 to {}", file_.string(), id,
                                 next_id(*database_) - 1));
  }
  const auto run = database_->query_int(fmt::format("SELECT run FROM trials WHERE id = {}", id));
  return {std::move(records.front()), static_cast<std::size_t>(run)};
}

std::vector<StoredTrial> StudyStore::all() const {
  std::vector<StoredTrial> trials;
  for (TrialRecord& record : read_trials("1 ORDER BY id")) {
    trials.push_back({std::move(record), 0, ""});
  }
  SqliteStatement places(*database_, "SELECT run, stage FROM trials ORDER BY id");
  for (StoredTrial& trial : trials) {
    places.step();
    trial.run = static_cast<std::size_t>(places.column_int(0));
    trial.stage = places.column_text(1);
  }
  return trials;
}

std::int64_t StudyStore::count() const {
  return database_->query_int("SELECT count(*) FROM trials");
}

std::vector<TrialRecord> StudyStore::read_trials(const std::string& condition) const {
  SqliteStatement rows(*database_,
                       fmt::format("SELECT {} FROM trials WHERE {}", kTrialColumns, condition));
  std::vector<TrialRecord> records;
  while (rows.step()) {
    TrialRecord record;
    record.id = rows.column_int(0);
    record.step = rows.column_int(2);
    record.number = rows.column_int(3);
    const auto run = static_cast<std::size_t>(rows.column_int(1));
    try {
      if (run >= description_.runs.size()) throw InputError("an unknown run");
      record.choices = nlohmann::json::parse(rows.column_text(4)).get<Choices>();
      description_.decisions.at(description_.runs[run].label).validate(record.choices);
      record.evaluation.status = trial_status(rows.column_text(5));
    } catch (const std::exception& e) {
      throw InputError(fmt::format("{}: trial {}: {}", file_.string(), record.id, e.what()));
    }
    record.evaluation.reason = rows.column_text(6);
    record.evaluation.simulated = rows.column_int(7) != 0;
    record.evaluation.accuracy.extrapolated = rows.column_int(8) != 0;
    if (record.evaluation.status == TrialStatus::kInfeasible) {
      record.evaluation.costs = costs_of_reason(record.evaluation.reason);
    }
    if (!rows.column_is_null(9)) record.reward = rows.column_double(9);
    records.push_back(std::move(record));
  }
  read_figures(condition, records);
  return records;
}

void StudyStore::read_figures(const std::string& condition,
                              std::vector<TrialRecord>& records) const {
  std::unordered_map<std::int64_t, Evaluation*> evaluations;
  for (TrialRecord& record : records) evaluations[record.id] = &record.evaluation;
  SqliteStatement rows(*database_,
                       fmt::format("SELECT trial, figure, value FROM trial_figures WHERE trial IN "
                                   "(SELECT id FROM trials WHERE {})",
                                   condition));
  while (rows.step()) {
    const auto figure = figures_.find(rows.column_int(1));
    if (figure == figures_.end()) continue;
    Evaluation& evaluation = *evaluations.at(rows.column_int(0));
    figure->second->set(rows.column_double(2), evaluation.costs, evaluation.accuracy);
  }
}

void StudyStore::append(std::size_t run, Stage stage, std::span<TrialRecord> trials) {
  if (trials.empty()) return;
  SqliteTransaction transaction(*database_);
  TrialRows rows(*database_, figures_);
  std::int64_t id = next_id(*database_);
  std::vector<TrialTimings::Entry> timings;
  for (TrialRecord& trial : trials) {
    trial.id = id++;
    rows.add(run, stage, trial);
    timings.push_back({trial.id, trial.evaluation.took.seconds});
  }
  // First the timings: a process that is killed in between stores the same trials again.
  if (!timings_) timings_ = std::make_unique<TrialTimings>(TrialTimings::beside(file_));
  timings_->append(timings);
  transaction.commit();
}

std::map<std::string, AccuracyAnswer> StudyStore::accuracies() const {
  std::map<std::string, AccuracyAnswer> answers;
  SqliteStatement rows(
      *database_, "SELECT network, status, reason, extrapolated, top1_percent FROM accuracies");
  while (rows.step()) {
    AccuracyAnswer answer;
    try {
      answer.status = accuracy_status(rows.column_text(1));
    } catch (const InputError& e) {
      throw InputError(
          fmt::format("{}: accuracy of {}: {}", file_.string(), rows.column_text(0), e.what()));
    }
    answer.reason = rows.column_text(2);
    answer.estimate = {rows.column_double(4), rows.column_int(3) != 0};
    answers.emplace(rows.column_text(0), std::move(answer));
  }
  return answers;
}

void StudyStore::append_accuracy(const std::string& network, const AccuracyAnswer& answer) {
  SqliteStatement row(*database_, "INSERT OR REPLACE INTO accuracies VALUES (?, ?, ?, ?, ?)");
  row.bind(0, network);
  row.bind(1, to_string(answer.status));
  row.bind(2, answer.reason);
  row.bind(3, static_cast<std::int64_t>(answer.estimate.extrapolated));
  if (answer.ok()) row.bind(4, answer.estimate.top1_percent);
  row.step();
}

}  // namespace dovetail
