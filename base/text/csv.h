#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text/error.h"

namespace dovetail {

struct CsvColumn {
  std::string name;
  std::string unit = "";  // "ms"; empty where it has none
};

/// The text of a CSV file: every file of the program is written through this, and read by
/// pandas.read_csv(FILE, comment='#'). It opens with comment lines,
///   # schema: dovetail.NAME/1
///   # build: what build_description() says
///   # KEY: VALUE              further ones, as note() was called
///   # units: COLUMN=UNIT, ... if any column has one
/// then come the names of the columns and the rows. A cell with a comma, a quotation mark, the end
/// of a line or '#' in it is quoted (RFC 4180).
class CsvWriter {
 public:
  /// `schema` is "dovetail.NAME/1".
  explicit CsvWriter(std::string_view schema);

  /// Before the header.
  void note(std::string_view key, std::string_view value);
  void header(const std::vector<CsvColumn>& columns);

  /// The next cell of a row.
  CsvWriter& cell(std::string_view text);
  /// A figure, with at most 7 significant digits, and none where it is NaN: not known.
  CsvWriter& cell(double figure);
  /// A whole number with all its digits; of a bool 1 or 0.
  CsvWriter& cell(std::integral auto number) { return cell(std::to_string(number)); }
  /// Nothing where there is none.
  template <typename T>
  CsvWriter& cell(const std::optional<T>& value) {
    return value ? cell(*value) : cell("");
  }
  /// A number that is read back: with as many digits as make it the same number.
  CsvWriter& exact(double number);
  CsvWriter& cells(const std::vector<std::string>& texts);
  /// Throws std::logic_error unless there was a cell for each column.
  void end_row();

  /// A whole row.
  void row(const auto&... values) {
    (cell(values), ...);
    end_row();
  }

  const std::string& text() const { return text_; }
  /// What was written since the last time, of a file too long to be kept as one text.
  std::string take() { return std::exchange(text_, ""); }

 private:
  std::string text_;
  std::size_t columns_ = 0;
  std::size_t cells_ = 0;  // of the row that has begun
};

/// Reads a CSV file row by row: lines that open with '#' are comments, blank lines nothing.
class CsvReader {
 public:
  /// `file` is its name in messages.
  CsvReader(std::string file, std::string content);

  /// The cells of the next row, the header being the first; nothing at the end. Throws InputError,
  /// with file and line, for a quotation mark without its fellow and for text behind a quoted cell.
  std::optional<std::vector<std::string>> next();
  /// The line in which the last row began; behind the last line where next() found none.
  const Location& where() const { return where_; }

 private:
  std::string_view rest() const { return std::string_view(content_).substr(at_); }
  void skip_line();
  std::string quoted_cell();

  std::string content_;
  std::size_t at_ = 0;
  int line_ = 1;  // of at_
  Location where_;
};

/// The finite number that a whole cell is; nothing if it is none.
std::optional<double> number_of_cell(std::string_view cell);

}  // namespace dovetail
