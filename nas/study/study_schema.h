#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cost/figures/figures.h"

namespace dovetail {

class SqliteDatabase;

/// Application id and empty tables of a study, in a transaction of the caller's.
/// `of_sets`: figures that trials of this study have beside those of all.
void create_study_tables(SqliteDatabase& database, const std::vector<const Figure*>& of_sets = {});

/// The tables of a study as create_study_tables() makes them, but for the checksums, whatever
/// version wrote the file: an older one is upgraded in one transaction if it is open to be written;
/// else views that last as long as the connection stand for the tables. Throws InputError, with
/// `file`, for what is no study, one of another version, or one that has more than its tables.
void open_study_tables(SqliteDatabase& database, const std::string& file, bool writable);

/// Whether the file has a checksum for everything in it. Older ones have none.
bool has_checksums(SqliteDatabase& database);
/// Adds the tables for them, empty, in a transaction of the caller's, who fills it.
void add_checksums(SqliteDatabase& database);

/// The keys of all figures that trials may have in the file, by the number they have there.
std::map<std::int64_t, std::string> figure_keys(SqliteDatabase& database);
/// The figures that trials may have in the file, by the number they have there: all of this version
/// if it was opened to be written. Figures that this version does not know are left out.
std::map<std::int64_t, const Figure*> stored_figures(SqliteDatabase& database);

}  // namespace dovetail
