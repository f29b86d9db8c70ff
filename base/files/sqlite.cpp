#include "base/files/sqlite.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "base/files/atomic_file.h"
#include "base/text/error.h"

namespace dovetail {
namespace {

constexpr int kBusyMilliseconds = 5000;

/// Name of a database that does not change while it is open.
std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    uri += std::string("?#%").find(c) == std::string::npos
               ? std::string(1, c)
               : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

bool is_io_error(int code) {
  return (code & 0xff) == SQLITE_IOERR;
}

/// What SQLite was at when the system failed it.
std::string deed_of(int code) {
  switch (code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_CORRUPTFS:
      return "reading it";
    case SQLITE_IOERR_SHORT_READ:
      return "reading it: it ends before what it says it holds";
    case SQLITE_IOERR_WRITE:
      return "writing it";
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return "waiting until it is on the disk";
    case SQLITE_IOERR_TRUNCATE:
      return "cutting it";
    case SQLITE_IOERR_FSTAT:
      return "asking for its size";
    case SQLITE_IOERR_DELETE:
      return "removing the log beside it";
    case SQLITE_IOERR_LOCK:
    case SQLITE_IOERR_RDLOCK:
    case SQLITE_IOERR_UNLOCK:
    case SQLITE_IOERR_CHECKRESERVEDLOCK:
      return "locking it";
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMLOCK:
    case SQLITE_IOERR_SHMMAP:
      return "using the index of the log beside it";
    default:
      return "using it";
  }
}

/// What is known of a failure that SQLite calls a disk I/O error, whatever it was.
std::string io_error(int code, sqlite3* handle) {
  const int error = sqlite3_system_errno(handle);
  std::string text = fmt::format("SQLite failed at {} (its code {}", deed_of(code), code);
  text += error != 0 ? fmt::format("; the system says: {})", std::strerror(error))
                     : "; the system names no reason)";
  return text;
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, Mode mode) : file_(file) {
  if (mode == Mode::kReadWrite) {
    open(file.string(), SQLITE_OPEN_READWRITE);
    return;
  }
  open(file.string(), SQLITE_OPEN_READONLY);
  // A database that was copied without its log cannot be read where no log can be made. Nobody
  // writes it, then.
  const int result =
      sqlite3_exec(handle_, "SELECT 1 FROM sqlite_schema", nullptr, nullptr, nullptr);
  const bool wants_a_log = result == SQLITE_CANTOPEN || result == SQLITE_READONLY;
  if (!wants_a_log || std::filesystem::exists(file.string() + "-wal")) return;
  sqlite3_close(handle_);
  open(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void SqliteDatabase::open(const std::string& name, int flags) {
  if (sqlite3_open_v2(name.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string message = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    const int code = handle_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle_);
    const std::string io = is_io_error(code) ? io_error(code, handle_) : "";
    sqlite3_close(handle_);
    if (!io.empty()) throw DatabaseIoError(file_.string() + ": " + io);
    throw RunError(file_.string() + ": cannot open: " + message);
  }
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
}

SqliteDatabase::~SqliteDatabase() {
  sqlite3_close(handle_);
}

namespace {

bool is_no_room(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/// Whether the last write to the database or to its log failed for want of room. SQLite says so
/// itself (SQLITE_FULL) where the system does (ENOSPC), but not of quotas and limits of file size.
bool wants_room(sqlite3* handle) {
  int error = 0;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  if (is_no_room(error) || is_no_room(sqlite3_system_errno(handle))) return true;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) return false;
  error = 0;
  log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  return is_no_room(error);
}

}  // namespace

void SqliteDatabase::fail(const std::string& what) const {
  const int code = sqlite3_extended_errcode(handle_);
  if (code == SQLITE_FULL || (is_io_error(code) && wants_room(handle_))) {
    throw DiskFullError(
        fmt::format("{}: cannot write: disk full ({})", file_.string(), sqlite3_errmsg(handle_)));
  }
  if (is_io_error(code)) {
    throw DatabaseIoError(file_.string() + ": " + io_error(code, handle_));
  }
  throw RunError(file_.string() + ": " + what + ": " + sqlite3_errmsg(handle_));
}

void SqliteDatabase::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail("'" + sql.substr(0, sql.find('\n')) + "'");
  }
}

std::int64_t SqliteDatabase::query_int(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? statement.column_int(0) : 0;
}

std::string SqliteDatabase::query_text(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? statement.column_text(0) : "";
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, const std::string& sql)
    : database_(database) {
  if (sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) {
    database_.fail("'" + sql + "'");
  }
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

void SqliteStatement::bind(int i, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, i + 1, value) != SQLITE_OK) database_.fail("bind");
}

void SqliteStatement::bind(int i, double value) {
  if (sqlite3_bind_double(statement_, i + 1, value) != SQLITE_OK) database_.fail("bind");
}

void SqliteStatement::bind(int i, const std::string& value) {
  const int size = static_cast<int>(value.size());
  if (sqlite3_bind_text(statement_, i + 1, value.data(), size, SQLITE_TRANSIENT) != SQLITE_OK) {
    database_.fail("bind");
  }
}

void SqliteStatement::bind_null(int i) {
  if (sqlite3_bind_null(statement_, i + 1) != SQLITE_OK) database_.fail("bind");
}

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) database_.fail("reading or writing");
  return false;
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::int64_t SqliteStatement::column_int(int i) const {
  return sqlite3_column_int64(statement_, i);
}

double SqliteStatement::column_double(int i) const {
  return sqlite3_column_double(statement_, i);
}

std::string SqliteStatement::column_text(int i) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, i));
  if (text == nullptr) return "";
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, i)));
}

bool SqliteStatement::column_is_null(int i) const {
  return sqlite3_column_type(statement_, i) == SQLITE_NULL;
}

SqliteTransaction::~SqliteTransaction() {
  if (!committed_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteTransaction::commit() {
  database_.execute("COMMIT");
  committed_ = true;
}

}  // namespace dovetail
