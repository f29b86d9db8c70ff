#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cost/figures/figures.h"

namespace dovetail {

class SqliteDatabase;

/// Application id and empty tables of a study, in a transaction of the caller's.
void create_study_tables(SqliteDatabase& database);

/// The tables of a study as create_study_tables() makes them, whatever version wrote the file: an
/// older one is upgraded in one transaction if it is open to be written; else views that last as
/// long as the connection stand for the tables. Throws InputError, with `file`, for what is no
/// study or one of another version.
void open_study_tables(SqliteDatabase& database, const std::string& file, bool writable);

/// The figures that trials may have in the file, by the number they have there: all of this version
/// if it was opened to be written. Figures that this version does not know are left out.
std::map<std::int64_t, const Figure*> stored_figures(SqliteDatabase& database);

}  // namespace dovetail
