// Changes of a study.db through SQLite, so that it stays a database: values of rows, rows, tables.
// In half of the tries its checksums are taken away, as in a file of an older version: whoever
// opens it to write it makes them anew, and what was changed is believed.

#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

using Random = std::minstd_rand;
using Column = std::pair<std::string, std::string>;  // table, column

// What stands in a cell, as SQL.
constexpr std::array kValues = {"0",
                                "1",
                                "-1",
                                "2",
                                "NULL",
                                "''",
                                "'ok'",
                                "'infeasible'",
                                "'search'",
                                "1e308*10",
                                "-1e308*10",
                                "9223372036854775807",
                                "-9223372036854775808",
                                "0.5",
                                "1e-320",
                                "'[]'",
                                "'[0]'",
                                "'[65536]'",
                                "'[-1]'",
                                "'{}'",
                                "'joint'",
                                "'fixed_hardware'",
                                "x'00ff'",
                                "zeroblob(100000)",
                                "'18446744073709551615'",
                                "'schema: dovetail.study/1'"};
constexpr std::array kStatements = {
    "DELETE FROM {0} WHERE rowid % 3 = 0",
    "DROP TABLE {0}",
    "ALTER TABLE {0} RENAME TO other",
    "ALTER TABLE {0} DROP COLUMN {1}",
    "ALTER TABLE {0} ADD COLUMN more TEXT",
    "CREATE VIEW v AS SELECT * FROM {0}",
    "CREATE INDEX i ON {0} ({1})",
    "CREATE TRIGGER t AFTER INSERT ON {0} BEGIN DELETE FROM {0}; END",
    "INSERT OR REPLACE INTO {0} SELECT * FROM {0}",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = 4",
    "PRAGMA user_version = 99",
    "PRAGMA application_id = 1"};

class Database {
 public:
  Database(const std::uint8_t* data, std::size_t size) {
    sqlite3_open(":memory:", &handle_);
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(size));
    std::memcpy(copy, data, size);
    const auto bytes = static_cast<sqlite3_int64>(size);
    sqlite3_deserialize(handle_, "main", copy, bytes, bytes,
                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql) {
    sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  }

  std::vector<Column> columns() {
    std::vector<Column> columns;
    const auto add = [](void* to, int, char** texts, char**) {
      static_cast<std::vector<Column>*>(to)->emplace_back(texts[0], texts[1]);
      return 0;
    };
    sqlite3_exec(handle_,
                 "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
                 "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2",
                 add, &columns, nullptr);
    return columns;
  }

  /// Into `data` if it fits; the size, or 0.
  std::size_t write(std::uint8_t* data, std::size_t max) {
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, void (*)(void*)> image(
        sqlite3_serialize(handle_, "main", &size, 0), sqlite3_free);
    if (image == nullptr || static_cast<std::size_t>(size) > max) return 0;
    std::memcpy(data, image.get(), static_cast<std::size_t>(size));
    return static_cast<std::size_t>(size);
  }

 private:
  sqlite3* handle_ = nullptr;
};

void change(Database& database, const std::vector<Column>& columns, Random& random) {
  const auto& [table, column] = columns[random() % columns.size()];
  if (random() % 8 == 0) {
    database.execute(
        fmt::format(fmt::runtime(kStatements[random() % kStatements.size()]), table, column));
    return;
  }
  database.execute(
      fmt::format("UPDATE {0} SET {1} = {2} WHERE {1} IN (SELECT {1} FROM {0} "
                  "ORDER BY random() LIMIT {3})",
                  table, column, kValues[random() % kValues.size()], random() % 4 == 0 ? 1000 : 1));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max, unsigned seed) {
  Random random(seed);
  Database database(data, size);
  const std::vector<Column> columns = database.columns();
  if (columns.empty() || random() % 8 == 0) return LLVMFuzzerMutate(data, size, max);
  if (random() % 2 == 0) {
    database.execute("DROP TABLE trial_checksums; DROP TABLE checksums; PRAGMA user_version = 4");
  }
  for (unsigned i = 0; i <= random() % 3; ++i) change(database, columns, random);
  const std::size_t written = database.write(data, max);
  return written > 0 ? written : LLVMFuzzerMutate(data, size, max);
}
