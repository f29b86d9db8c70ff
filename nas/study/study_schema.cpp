#include "nas/study/study_schema.h"

#include <fmt/core.h>

#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "base/files/sqlite.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/figures/set_figures.h"

namespace dovetail {
namespace {

constexpr int kApplicationId = 0x44564331;  // "DVC1", in the file's header
constexpr int kSchemaVersion = 5;
/// It had no checksums.
constexpr int kUnsealedVersion = 4;
/// The oldest that can be read: it had a column for each figure of its time, too.
constexpr int kColumnsVersion = 3;

constexpr const char* kStudyTables = R"sql(
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (run INTEGER PRIMARY KEY, label TEXT NOT NULL, seed TEXT NOT NULL);
CREATE TABLE decisions (
  label TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL,
  choices TEXT NOT NULL,        -- JSON: the choices as written
  choice_values TEXT NOT NULL,  -- JSON: their values if all are numbers
  PRIMARY KEY (label, position)) WITHOUT ROWID;
)sql";

constexpr const char* kTrialTables = R"sql(
CREATE TABLE trials (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  step INTEGER NOT NULL,   -- of the run: phases and rounds
  stage TEXT NOT NULL,     -- search | resimulate | claimed
  number INTEGER NOT NULL,
  choices TEXT NOT NULL,   -- JSON: for each decision the position of its choice
  status TEXT NOT NULL,    -- ok | infeasible | failed | refused | skipped
  reason TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  extrapolated INTEGER NOT NULL,
  reward REAL,
  UNIQUE (run, step, stage, number));
CREATE TABLE figures (figure INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE trial_figures (  -- what is known of a trial; what follows from others is not there
  trial INTEGER NOT NULL REFERENCES trials (id),
  figure INTEGER NOT NULL REFERENCES figures (figure),
  value REAL NOT NULL,
  PRIMARY KEY (trial, figure)) WITHOUT ROWID;
)sql";

// Not in files written before there were slow sources.
constexpr const char* kAccuracyTable = R"sql(
CREATE TABLE IF NOT EXISTS accuracies (
  network TEXT PRIMARY KEY,  -- canonical key
  status TEXT NOT NULL,      -- ok | failed | refused
  reason TEXT NOT NULL,
  extrapolated INTEGER NOT NULL,
  top1_percent REAL) WITHOUT ROWID;
)sql";

// Nor in files written before there was one that trains.
constexpr const char* kCurveTable = R"sql(
CREATE TABLE IF NOT EXISTS curves (
  network TEXT NOT NULL REFERENCES accuracies (network),
  trial INTEGER NOT NULL,  -- which training of the network
  epoch INTEGER NOT NULL,
  train_loss REAL NOT NULL, validation_loss REAL NOT NULL, validation_percent REAL NOT NULL,
  PRIMARY KEY (network, trial, epoch)) WITHOUT ROWID;
)sql";

constexpr const char* kChecksumTable = R"sql(
CREATE TABLE trial_checksums (  -- of a trial and its figures
  trial INTEGER PRIMARY KEY REFERENCES trials (id), checksum TEXT NOT NULL);
CREATE TABLE checksums (  -- of all else
  item TEXT PRIMARY KEY,  -- description | accuracy NETWORK
  checksum TEXT NOT NULL) WITHOUT ROWID;
)sql";

constexpr const char* kOldTrialTable = R"sql(
CREATE TABLE trials (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  step INTEGER NOT NULL,
  stage TEXT NOT NULL,
  number INTEGER NOT NULL,
  choices TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  extrapolated INTEGER NOT NULL,
  top1_percent REAL, latency_ms REAL, area_mm2 REAL, cycles INTEGER,
  energy_mj REAL,
  peak_local_memory_kib REAL,
  reward REAL,
  UNIQUE (run, step, stage, number));
)sql";

/// Columns of version 3, in the order of today's rows. Those of a simulation were 0 in a
/// prediction.
struct OldColumn {
  const char* key;
  bool simulated_only;
};
constexpr std::array<OldColumn, 6> kOldColumns{{{"top1_percent", false},
                                                {"latency_ms", false},
                                                {"area_mm2", false},
                                                {"energy_mj", false},
                                                {"peak_local_memory_kib", true},
                                                {"cycles", true}}};

/// Queries that give the rows of figures and of trial_figures from the trials of version 3.
std::string old_figures() {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < kOldColumns.size(); ++i) {
    rows.push_back(fmt::format("SELECT {} AS figure, '{}' AS key", i + 1, kOldColumns[i].key));
  }
  return join(rows, " UNION ALL ");
}
std::string old_trial_figures(const std::string& trials) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < kOldColumns.size(); ++i) {
    const auto& [key, simulated_only] = kOldColumns[i];
    rows.push_back(
        fmt::format("SELECT id AS trial, {} AS figure, {} AS value FROM {} WHERE {} IS NOT NULL{}",
                    i + 1, key, trials, key, simulated_only ? " AND simulated" : ""));
  }
  return join(rows, " UNION ALL ");
}

std::int64_t schema_version(SqliteDatabase& database) {
  return database.query_int("PRAGMA user_version");
}

/// A statement without comments and with one blank where there is any: neither changes a table.
std::string bare(const std::string& sql) {
  std::string text;
  for (std::string_view line : split(sql, '\n')) {
    for (const char c : line.substr(0, line.find("--"))) {
      const bool blank = c == ' ' || c == '\t';
      if (!blank || !text.ends_with(' ')) text += blank ? ' ' : c;
    }
    if (!text.ends_with(' ')) text += ' ';
  }
  return std::string(trim(text));
}

/// What the tables of a file are, and all else that it has beside them.
std::set<std::string> stored_schema(SqliteDatabase& database) {
  std::set<std::string> schema;
  SqliteStatement rows(database,
                       "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema");
  while (rows.step()) {
    schema.insert(rows.column_text(0) + " " + rows.column_text(1) + " of " + rows.column_text(2) +
                  ": " + bare(rows.column_text(3)));
  }
  return schema;
}

/// Throws InputError unless the file has the tables of its version and nothing else: a view or a
/// trigger would be run by whatever reads or writes them.
void require_known_schema(SqliteDatabase& database, const std::string& file, std::int64_t version) {
  SqliteDatabase known(":memory:", SqliteDatabase::Mode::kReadWrite);
  known.execute(kStudyTables);
  known.execute(version == kColumnsVersion ? kOldTrialTable : kTrialTables);
  if (version >= kSchemaVersion) known.execute(kChecksumTable);
  const std::set<std::string> needed = stored_schema(known);
  known.execute(kAccuracyTable);
  known.execute(kCurveTable);
  const std::set<std::string> allowed = stored_schema(known), found = stored_schema(database);
  for (const std::string& item : found) {
    if (allowed.contains(item)) continue;
    throw InputError(fmt::format("{}: found the {}, which no study of schema {} has", file,
                                 item.substr(0, item.find(':')), version));
  }
  for (const std::string& item : needed) {
    if (found.contains(item)) continue;
    throw InputError(fmt::format("{}: the {} is missing", file, item.substr(0, item.find(':'))));
  }
}

void upgrade(SqliteDatabase& database) {
  SqliteTransaction transaction(database);
  if (schema_version(database) != kColumnsVersion) return;  // another was faster
  database.execute("ALTER TABLE trials RENAME TO trials_3");
  database.execute(kTrialTables);
  database.execute(
      "INSERT INTO trials SELECT id, run, step, stage, number, choices, status, reason, simulated, "
      "extrapolated, reward FROM trials_3 ORDER BY id");
  database.execute("INSERT INTO figures " + old_figures());
  database.execute("INSERT INTO trial_figures " + old_trial_figures("trials_3") +
                   " ORDER BY trial, figure");
  database.execute("DROP TABLE trials_3");
  database.execute(fmt::format("PRAGMA user_version = {}", kUnsealedVersion));
  transaction.commit();
}

/// Those that the file does not list yet, so that trials can have them.
void add_figures(SqliteDatabase& database, const std::vector<const Figure*>& of_sets = {}) {
  std::set<const Figure*> listed;
  for (const auto& [number, figure] : stored_figures(database)) listed.insert(figure);
  SqliteStatement row(database, "INSERT INTO figures (key) VALUES (?)");
  std::vector<const Figure*> all = of_sets;
  for (const Figure& figure : figures()) all.push_back(&figure);
  for (const Figure* figure : all) {
    if (figure->set == nullptr || listed.contains(figure)) continue;
    row.bind(0, figure->key);
    row.step();
    row.reset();
  }
}

}  // namespace

void create_study_tables(SqliteDatabase& database, const std::vector<const Figure*>& of_sets) {
  database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  database.execute(kStudyTables);
  database.execute(kTrialTables);
  database.execute(kAccuracyTable);
  database.execute(kCurveTable);
  database.execute(kChecksumTable);
  add_figures(database, of_sets);
}

bool has_checksums(SqliteDatabase& database) {
  return schema_version(database) >= kSchemaVersion;
}

void add_checksums(SqliteDatabase& database) {
  database.execute(kChecksumTable);
  database.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
}

void open_study_tables(SqliteDatabase& database, const std::string& file, bool writable) {
  if (database.query_int("PRAGMA application_id") != kApplicationId) {
    throw InputError(file + ": this is not a study of Dovetail");
  }
  const std::int64_t version = schema_version(database);
  if (version < kColumnsVersion || version > kSchemaVersion) {
    throw InputError(fmt::format(
        "{}: found study schema {}, allowed {} to {}: it was written by another version of "
        "dovetail, and its trials lack or have other figures; run the study again in another "
        "folder",
        file, version, kColumnsVersion, kSchemaVersion));
  }
  require_known_schema(database, file, version);
  const std::string check = database.query_text("PRAGMA quick_check(1)");
  if (check != "ok") throw InputError(file + ": the study file is damaged: " + check);
  if (writable) {
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = NORMAL");
    database.execute("PRAGMA wal_autocheckpoint = 4000");  // pages; the default stops batches often
    if (version == kColumnsVersion) upgrade(database);
    database.execute(kAccuracyTable);
    database.execute(kCurveTable);
    add_figures(database);
    return;
  }
  if (version != kColumnsVersion) return;
  database.execute("CREATE TEMP VIEW figures AS " + old_figures());
  database.execute("CREATE TEMP VIEW trial_figures AS " + old_trial_figures("trials"));
}

std::map<std::int64_t, std::string> figure_keys(SqliteDatabase& database) {
  std::map<std::int64_t, std::string> keys;
  SqliteStatement rows(database, "SELECT figure, key FROM figures");
  while (rows.step()) keys[rows.column_int(0)] = rows.column_text(1);
  return keys;
}

std::map<std::int64_t, const Figure*> stored_figures(SqliteDatabase& database) {
  std::map<std::int64_t, const Figure*> stored;
  for (const auto& [number, key] : figure_keys(database)) {
    if (is_set_key(key)) stored[number] = &set_metric(key);
    for (const Figure& figure : figures()) {
      if (figure.key == key && figure.set != nullptr) stored[number] = &figure;
    }
  }
  return stored;
}

}  // namespace dovetail
