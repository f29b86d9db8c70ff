#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/text/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dovetail {

/// The system failed SQLite at a file, which says nothing about what is in it.
class DatabaseIoError : public RunError {
 public:
  using RunError::RunError;
};

/// A connection to an SQLite database, closed on destruction. Failures throw RunError with the
/// file and SQLite's message, DiskFullError if there is no room, DatabaseIoError with what SQLite
/// was at and what the system said.
class SqliteDatabase {
 public:
  enum class Mode { kReadOnly, kReadWrite };
  SqliteDatabase(const std::filesystem::path& file, Mode mode);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// Runs statements that return nothing of interest.
  void execute(const std::string& sql);
  /// First column of the first row of a query, as a number or text.
  std::int64_t query_int(const std::string& sql);
  std::string query_text(const std::string& sql);

  sqlite3* handle() const { return handle_; }
  /// The error of the last call, as an exception.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void open(const std::string& name, int flags);

  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
};

/// A prepared statement. Parameters and columns count from 0.
class SqliteStatement {
 public:
  SqliteStatement(SqliteDatabase& database, const std::string& sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void bind(int i, std::int64_t value);
  void bind(int i, double value);
  void bind(int i, const std::string& value);
  void bind_null(int i);
  template <typename T>
  void bind(int i, const std::optional<T>& value) {
    value ? bind(i, *value) : bind_null(i);
  }

  /// True if there is a row to read.
  bool step();
  /// Ready for other parameters.
  void reset();

  std::int64_t column_int(int i) const;
  double column_double(int i) const;
  std::string column_text(int i) const;
  bool column_is_null(int i) const;

 private:
  SqliteDatabase& database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// BEGIN ... COMMIT; without commit() the changes are undone.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
  }
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void commit();

 private:
  SqliteDatabase& database_;
  bool committed_ = false;
};

}  // namespace dovetail
