#pragma once

#include <cstdint>
#include <string>

namespace dovetail {

class SqliteDatabase;

/// What the file calls the number of its trials among the checksums: a file that has lost the last
/// of them looks like that of a study that was stopped earlier. Files of older versions lack it.
inline const std::string kTrialsItem = "trials";
/// As it stands there: always as long, so that a study that was stopped fills the same pages.
std::string trials_text(std::int64_t count);

/// Throws InputError, with `file`, if rows of a study are gone or stand elsewhere than where they
/// were stored: trials are numbered as they were added, run after run and step after step, and
/// nothing is known of a trial that is not there.
void require_all_rows(SqliteDatabase& database, const std::string& file);

}  // namespace dovetail
