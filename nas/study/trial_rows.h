#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/files/sqlite.h"
#include "nas/study/study_checksums.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// Adds a batch of trials, each with its checksum, to the tables of a study that is open to be
/// written. After an error it is of no more use.
class TrialRows {
 public:
  /// `figures` by their number in the file, see stored_figures(). The database must outlive this.
  TrialRows(SqliteDatabase& database, std::map<std::int64_t, const Figure*> figures);

  /// In a transaction of the caller's. The id is new.
  void add(std::size_t run, Stage stage, const TrialRecord& trial);

 private:
  TrialFigures add_figures(const TrialRecord& trial);
  SqliteStatement& figure_rows(std::size_t count);

  SqliteDatabase& database_;
  std::map<std::int64_t, const Figure*> figures_;
  SqliteStatement trial_, checksum_;
  std::map<std::size_t, SqliteStatement> figure_rows_;  // by the number of rows
};

}  // namespace dovetail
