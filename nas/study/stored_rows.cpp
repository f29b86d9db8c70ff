#include "nas/study/stored_rows.h"

#include <fmt/core.h>

#include <compare>

#include "base/files/sqlite.h"
#include "base/text/error.h"
#include "nas/study/study_schema.h"
#include "nas/study/study_store.h"

namespace dovetail {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw InputError(file + ": " + what + ": the file is damaged or has been changed");
}

std::string missing(std::int64_t trial) {
  return fmt::format("trial {} is missing", trial);
}

std::string missing_claim(std::int64_t number) {
  return fmt::format("claimed trial {} is missing", number);
}

/// Where a trial belongs; compared as they were added.
struct PlaceInStudy {
  std::int64_t run = 0, step = 0, stage = 0;
  auto operator<=>(const PlaceInStudy&) const = default;
};

/// Returns how many trials there are.
std::int64_t require_order(SqliteDatabase& database, const std::string& file) {
  SqliteStatement rows(database, "SELECT id, run, step, stage, number FROM trials ORDER BY id");
  std::int64_t count = 0, number = -1, claimed = 0;
  PlaceInStudy last{-1, 0, 0};
  while (rows.step()) {
    const std::int64_t id = rows.column_int(0);
    if (id != ++count) refuse(file, missing(count));
    // What is claimed may come at any time; it has its own numbers.
    if (rows.column_text(3) == to_string(Stage::kClaimed)) {
      if (rows.column_int(4) != claimed++) refuse(file, missing_claim(claimed - 1));
      continue;
    }
    const PlaceInStudy place{rows.column_int(1), rows.column_int(2),
                             rows.column_text(3) == to_string(Stage::kResimulate) ? 1 : 0};
    number = place == last ? number + 1 : 0;
    if (place < last || rows.column_int(4) != number) {
      refuse(file, fmt::format("trial {} is not where it was stored: it does not follow trial {}",
                               id, id - 1));
    }
    last = place;
  }
  return count;
}

/// `table` has a row for trials 1 to `count` and no others.
void require_no_more(SqliteDatabase& database, const std::string& file, const char* table,
                     std::int64_t count) {
  const std::int64_t stray = database.query_int(fmt::format(
      "SELECT coalesce(min(trial), 0) FROM {} WHERE trial > {} OR trial < 1", table, count));
  if (stray != 0) refuse(file, missing(stray) + ", but not what is known of it");
}

void require_all_accuracies(SqliteDatabase& database, const std::string& file) {
  const bool any =
      database.query_int("SELECT count(*) FROM sqlite_schema WHERE name = 'accuracies'") != 0;
  const std::string known =
      any ? " AND substr(item, 10) NOT IN (SELECT network FROM accuracies)" : "";
  const std::string lost = database.query_text(
      "SELECT item FROM checksums WHERE item LIKE 'accuracy %'" + known + " LIMIT 1");
  if (!lost.empty()) refuse(file, lost + " is missing");
}

}  // namespace

std::string trials_text(std::int64_t count) {
  return fmt::format("{:016}", count);
}

void require_all_rows(SqliteDatabase& database, const std::string& file) {
  const std::int64_t count = require_order(database, file);
  require_no_more(database, file, "trial_figures", count);
  if (!has_checksums(database)) return;
  require_no_more(database, file, "trial_checksums", count);
  SqliteStatement stored(database,
                         "SELECT CAST(checksum AS INTEGER) FROM checksums WHERE item = ?");
  stored.bind(0, kTrialsItem);
  if (stored.step() && stored.column_int(0) > count) {
    refuse(file, fmt::format("found {} trials, where {} were stored", count, stored.column_int(0)));
  }
  require_all_accuracies(database, file);
}

}  // namespace dovetail
