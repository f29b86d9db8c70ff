#include "nas/study/study_store.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/sqlite.h"
#include "base/text/error.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "cost/figures/figure_range.h"
#include "nas/study/stored_rows.h"
#include "nas/study/study_checksums.h"
#include "nas/study/study_schema.h"
#include "nas/study/trial_rows.h"
#include "nas/study/trial_timings.h"

namespace dovetail {
namespace {

constexpr const char* kTrialColumns =
    "id, run, step, number, choices, status, reason, simulated, extrapolated, reward, stage";
constexpr const char* kChecksumRow = "INSERT OR REPLACE INTO checksums VALUES (?, ?)";

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

/// `item`: a text, or the number of a trial.
template <typename Item>
void write_checksum(SqliteStatement& row, const Item& item, const std::string& checksum) {
  row.bind(0, item);
  row.bind(1, checksum);
  row.step();
  row.reset();
}

/// Compares with the checksums of a file.
class StoredChecksums {
 public:
  StoredChecksums(SqliteDatabase& database, const std::filesystem::path& file) : file_(file) {
    if (!has_checksums(database)) return;
    item_.emplace(database, "SELECT checksum FROM checksums WHERE item = ?");
    trial_.emplace(database, "SELECT checksum FROM trial_checksums WHERE trial = ?");
  }
  /// Throws InputError if the item is not what was written. Older files cannot tell.
  void require(const std::string& item, const std::string& checksum) {
    require(item_, item, item, checksum);
  }
  void require(std::int64_t trial, const std::string& checksum) {
    require(trial_, trial, fmt::format("trial {}", trial), checksum);
  }

 private:
  template <typename Key>
  void require(std::optional<SqliteStatement>& row, const Key& key, const std::string& item,
               const std::string& checksum) const {
    if (!row) return;
    row->bind(0, key);
    if (!row->step() || row->column_text(0) != checksum) {
      throw InputError(
          fmt::format("{}: {}: is not as it was written: the file is damaged or has been changed",
                      file_.string(), item));
    }
    row->reset();
  }

  const std::filesystem::path& file_;
  std::optional<SqliteStatement> item_, trial_;
};

std::map<std::string, std::string> read_facts(SqliteDatabase& database) {
  SqliteStatement rows(database, "SELECT key, value FROM facts");
  std::map<std::string, std::string> facts;
  while (rows.step()) facts[rows.column_text(0)] = rows.column_text(1);
  return facts;
}

/// Device and number of the file that a name leads to; zeros if there is none.
std::pair<std::uint64_t, std::uint64_t> place_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

/// The id of the next trial.
std::int64_t next_id(SqliteDatabase& database) {
  return 1 + database.query_int("SELECT coalesce(max(id), 0) FROM trials");
}

/// By network; none in files written before there were any.
std::map<std::string, std::vector<CurvePoint>> read_curves(SqliteDatabase& database) {
  std::map<std::string, std::vector<CurvePoint>> curves;
  if (database.query_int("SELECT count(*) FROM sqlite_schema WHERE name = 'curves'") == 0) {
    return curves;
  }
  SqliteStatement rows(database,
                       "SELECT network, trial, epoch, train_loss, validation_loss, "
                       "validation_percent FROM curves ORDER BY network, trial, epoch");
  while (rows.step()) {
    curves[rows.column_text(0)].push_back(
        {static_cast<int>(rows.column_int(1)), static_cast<int>(rows.column_int(2)),
         rows.column_double(3), rows.column_double(4), rows.column_double(5)});
  }
  return curves;
}

/// Of a JSON list. What append() writes takes a tenth of the time of other JSON.
Choices choices_of(const std::string& json) {
  Choices choices;
  const char* at = json.data();
  const char* const end = at + json.size();
  for (char before = '['; at != end && *at == before; before = ',') {
    Choices::value_type choice{};
    const auto [after, error] = std::from_chars(at + 1, end, choice);
    if (error != std::errc()) break;
    choices.push_back(choice);
    if (after + 1 == end && *after == ']') return choices;
    at = after;
  }
  return nlohmann::json::parse(json).get<Choices>();
}

}  // namespace

std::string to_string(Stage stage) {
  switch (stage) {
    case Stage::kSearch:
      return "search";
    case Stage::kResimulate:
      return "resimulate";
    case Stage::kClaimed:
      break;
  }
  return "claimed";
}

StudyStore::StudyStore(std::unique_ptr<SqliteDatabase> database, std::filesystem::path file,
                       Access access)
    : database_(std::move(database)),
      file_(std::move(file)),
      access_(access),
      figures_(stored_figures(*database_)),
      checksums_(has_checksums(*database_)),
      place_(place_of(file_)) {}

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
    create_study_tables(database, description.of_sets);
    write_description(database, description);
    SqliteStatement checksum(database, kChecksumRow);
    write_checksum(checksum, kDescriptionItem,
                   checksum_of(rows_of(description.facts), description));
    write_checksum(checksum, kTrialsItem, trials_text(0));
    transaction.commit();
  }
  target.commit();
  return open(file, Access::kWrite);
}

StudyStore StudyStore::open(const std::filesystem::path& file, Access access) {
  if (!std::filesystem::is_regular_file(file)) {
    throw InputError(file.string() + ": no study is stored there");
  }
  const auto of_file = [start = file.string() + ": "](const std::string& what) {
    return what.starts_with(start) ? what : start + what;
  };
  try {
    auto database = std::make_unique<SqliteDatabase>(file, access == Access::kRead
                                                               ? SqliteDatabase::Mode::kReadOnly
                                                               : SqliteDatabase::Mode::kReadWrite);
    if (access == Access::kRead) database->execute("BEGIN");  // all that follows sees one moment
    open_study_tables(*database, file.string(), access == Access::kWrite);
    StudyStore store(std::move(database), file, access);
    store.read_description();
    require_all_rows(*store.database_, file.string());
    if (access == Access::kWrite && !store.checksums_) store.add_all_checksums();
    return store;
  } catch (const InputError& e) {
    throw InputError(of_file(e.what()));
  } catch (const DiskFullError&) {
    throw;
  } catch (const DatabaseIoError&) {
    throw;
  } catch (const std::exception& e) {  // of SQLite, or of values that are not what they should be
    throw InputError(of_file(json_fault(e)) + " (not a study file, or a damaged one)");
  }
}

void StudyStore::read_description() {
  const std::map<std::string, std::string> facts = read_facts(*database_);
  description_.facts = facts_of(facts);

  SqliteStatement runs(*database_, "SELECT label, seed FROM runs ORDER BY run");
  while (runs.step()) {
    const std::string text = runs.column_text(1);
    StudyRun run{runs.column_text(0), 0};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), run.seed);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw InputError(fmt::format("{}: run '{}': found seed '{}', allowed a whole number",
                                   file_.string(), run.label, text));
    }
    description_.runs.push_back(std::move(run));
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
  StoredChecksums(*database_, file_).require(kDescriptionItem, checksum_of(facts, description_));
}

void StudyStore::add_all_checksums() {
  SqliteTransaction transaction(*database_);
  checksums_ = has_checksums(*database_);  // another may have been faster
  if (checksums_) return;
  const std::string all = "1 ORDER BY id";
  std::vector<StoredTrial> trials = read_trials(all);
  const std::vector<TrialFigures> figures = read_figures(all, trials);
  const std::map<std::string, AccuracyAnswer> answers = accuracies();
  add_checksums(*database_);  // from here on what is read is compared with them
  SqliteStatement row(*database_, kChecksumRow);
  write_checksum(row, kDescriptionItem, checksum_of(read_facts(*database_), description_));
  write_checksum(row, kTrialsItem, trials_text(static_cast<std::int64_t>(trials.size())));
  for (const auto& [network, answer] : answers) {
    write_checksum(row, accuracy_item(network), checksum_of(network, answer));
  }
  SqliteStatement trial_row(*database_, "INSERT INTO trial_checksums VALUES (?, ?)");
  for (std::size_t i = 0; i < trials.size(); ++i) {
    write_checksum(trial_row, trials[i].record.id, checksum_of(trials[i], figures[i]));
  }
  transaction.commit();
  checksums_ = true;
}

StoreContents StudyStore::check() const {
  StoreContents contents;
  contents.checksums = checksums_;
  const std::string damage = database_->query_text("PRAGMA integrity_check(1)");
  if (damage != "ok") throw InputError(file_.string() + ": the study file is damaged: " + damage);
  contents.trials = static_cast<std::int64_t>(all().size());
  contents.figures = database_->query_int("SELECT count(*) FROM trial_figures");
  contents.accuracies = static_cast<std::int64_t>(accuracies().size());
  for (std::size_t run = 0; run < description_.runs.size(); ++run) {
    for (const Stage stage : {Stage::kSearch, Stage::kResimulate, Stage::kClaimed}) {
      trials(run, stage);
    }
  }
  return contents;
}

void StudyStore::require_in_place() const {
  if (place_of(file_) == place_) return;
  throw RunError(file_.string() +
                 ": was removed or replaced while the study ran; what it held is lost");
}

std::vector<TrialRecord> StudyStore::trials(std::size_t run, Stage stage) const {
  std::vector<TrialRecord> records;
  std::int64_t next = 0;
  for (StoredTrial& trial : checked_trials(
           fmt::format("run = {} AND stage = '{}' ORDER BY step, number", run, to_string(stage)))) {
    if (!records.empty() && trial.record.step != records.back().step) next = 0;
    if (trial.record.number != next++) {
      throw InputError(fmt::format("{}: trial {} of run {}, step {} is missing", file_.string(),
                                   next - 1, run, trial.record.step));
    }
    records.push_back(std::move(trial.record));
  }
  return records;
}

std::pair<TrialRecord, std::size_t> StudyStore::trial(std::int64_t id) const {
  auto found = checked_trials(fmt::format("id = {}", id));
  if (found.empty()) {
    throw InputError(fmt::format("{}: found no trial {}, allowed 1 to {}", file_.string(), id,
                                 next_id(*database_) - 1));
  }
  return {std::move(found.front().record), found.front().run};
}

std::vector<StoredTrial> StudyStore::all() const {
  return checked_trials("1 ORDER BY id");
}

std::int64_t StudyStore::count() const {
  return database_->query_int("SELECT count(*) FROM trials");
}

std::vector<StoredTrial> StudyStore::checked_trials(const std::string& condition) const {
  std::vector<StoredTrial> trials = read_trials(condition);
  const std::vector<TrialFigures> figures = read_figures(condition, trials);
  StoredChecksums stored(*database_, file_);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    stored.require(trials[i].record.id, checksum_of(trials[i], figures[i]));
  }
  return trials;
}

std::vector<StoredTrial> StudyStore::read_trials(const std::string& condition) const {
  SqliteStatement rows(*database_,
                       fmt::format("SELECT {} FROM trials WHERE {}", kTrialColumns, condition));
  std::vector<StoredTrial> trials;
  while (rows.step()) {
    StoredTrial trial;
    TrialRecord& record = trial.record;
    record.id = rows.column_int(0);
    record.step = rows.column_int(2);
    record.number = rows.column_int(3);
    trial.run = static_cast<std::size_t>(rows.column_int(1));
    trial.stage = rows.column_text(10);
    try {
      if (trial.run >= description_.runs.size()) throw InputError("an unknown run");
      record.choices = choices_of(rows.column_text(4));
      description_.decisions.at(description_.runs[trial.run].label).validate(record.choices);
      record.evaluation.status = trial_status(rows.column_text(5));
    } catch (const std::exception& e) {
      throw InputError(fmt::format("{}: trial {}: {}", file_.string(), record.id, json_fault(e)));
    }
    record.evaluation.reason = rows.column_text(6);
    record.evaluation.simulated = rows.column_int(7) != 0;
    record.evaluation.claimed = trial.stage == to_string(Stage::kClaimed);
    record.evaluation.accuracy.extrapolated = rows.column_int(8) != 0;
    // Until a row says it.
    if (record.evaluation.ok()) record.evaluation.accuracy.top1_percent = Costs::kUnknown;
    if (record.evaluation.status == TrialStatus::kInfeasible) {
      record.evaluation.costs = costs_of_reason(record.evaluation.reason);
    }
    if (!rows.column_is_null(9)) record.reward = rows.column_double(9);
    trials.push_back(std::move(trial));
  }
  return trials;
}

std::vector<TrialFigures> StudyStore::read_figures(const std::string& condition,
                                                   std::vector<StoredTrial>& trials) const {
  std::unordered_map<std::int64_t, std::size_t> position;
  for (std::size_t i = 0; i < trials.size(); ++i) position[trials[i].record.id] = i;
  std::vector<TrialFigures> figures(trials.size());
  SqliteStatement rows(*database_,
                       fmt::format("SELECT trial, figure, value FROM trial_figures WHERE trial IN "
                                   "(SELECT id FROM trials WHERE {}) ORDER BY trial, figure",
                                   condition));
  const std::map<std::int64_t, std::string> keys = figure_keys(*database_);
  while (rows.step()) {
    const std::size_t i = position.at(rows.column_int(0));
    const auto key = keys.find(rows.column_int(1));
    const double value = rows.column_double(2);
    figures[i].emplace_back(key != keys.end() ? key->second : "", value);
    const auto figure = figures_.find(rows.column_int(1));
    if (figure == figures_.end()) continue;
    Evaluation& evaluation = trials[i].record.evaluation;
    try {
      require_in_range(*figure->second, value);
    } catch (const InputError& e) {
      throw InputError(
          fmt::format("{}: trial {}: {}", file_.string(), trials[i].record.id, e.what()));
    }
    figure->second->set(value, evaluation.costs, evaluation.accuracy);
  }
  return figures;
}

void StudyStore::append(std::size_t run, Stage stage, std::span<TrialRecord> trials) {
  if (trials.empty()) return;
  require_in_place();
  SqliteTransaction transaction(*database_);
  TrialRows rows(*database_, figures_);
  std::int64_t id = next_id(*database_);
  std::vector<TrialTimings::Entry> timings;
  for (TrialRecord& trial : trials) {
    trial.id = id++;
    rows.add(run, stage, trial);
    timings.push_back({trial.id, trial.evaluation.took.seconds});
  }
  SqliteStatement count(*database_, kChecksumRow);
  write_checksum(count, kTrialsItem, trials_text(id - 1));
  // First the timings: a process that is killed in between stores the same trials again.
  if (!timings_) timings_ = std::make_unique<TrialTimings>(TrialTimings::beside(file_));
  timings_->append(timings);
  transaction.commit();
  if (!appended_) return;
  std::vector<StoredTrial> stored;
  for (const TrialRecord& trial : trials) stored.push_back({trial, run, to_string(stage)});
  appended_(stored);
}

void StudyStore::tell_appended(std::function<void(std::span<const StoredTrial>)> appended) {
  appended_ = std::move(appended);
}

std::map<std::string, AccuracyAnswer> StudyStore::accuracies() const {
  std::map<std::string, AccuracyAnswer> answers;
  std::map<std::string, std::vector<CurvePoint>> curves = read_curves(*database_);
  StoredChecksums stored(*database_, file_);
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
    answer.curve = std::move(curves[rows.column_text(0)]);
    stored.require(accuracy_item(rows.column_text(0)), checksum_of(rows.column_text(0), answer));
    answers.emplace(rows.column_text(0), std::move(answer));
  }
  return answers;
}

void StudyStore::append_accuracy(const std::string& network, const AccuracyAnswer& answer) {
  SqliteTransaction transaction(*database_);
  SqliteStatement row(*database_, "INSERT OR REPLACE INTO accuracies VALUES (?, ?, ?, ?, ?)");
  row.bind(0, network);
  row.bind(1, to_string(answer.status));
  row.bind(2, answer.reason);
  row.bind(3, static_cast<std::int64_t>(answer.estimate.extrapolated));
  if (answer.ok()) row.bind(4, answer.estimate.top1_percent);
  row.step();
  SqliteStatement point_row(*database_, "INSERT OR REPLACE INTO curves VALUES (?, ?, ?, ?, ?, ?)");
  for (const CurvePoint& point : answer.curve) {
    point_row.bind(0, network);
    point_row.bind(1, std::int64_t{point.trial});
    point_row.bind(2, std::int64_t{point.epoch});
    point_row.bind(3, point.train_loss);
    point_row.bind(4, point.validation_loss);
    point_row.bind(5, point.validation_percent);
    point_row.step();
    point_row.reset();
  }
  SqliteStatement checksum(*database_, kChecksumRow);
  write_checksum(checksum, accuracy_item(network), checksum_of(network, answer));
  transaction.commit();
}

}  // namespace dovetail
