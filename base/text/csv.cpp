#include "base/text/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "base/text/text.h"
#include "base/text/version.h"

namespace dovetail {
namespace {

constexpr double kLargestWhole = 9007199254740992;  // 2^53: up to here a double holds every one

/// Seven digits tell any two designs apart; whole numbers count something and keep all of theirs.
std::string figure_text(double value) {
  if (std::isnan(value)) return "";
  if (value == std::trunc(value) && std::abs(value) <= kLargestWhole) return format_number(value);
  return fmt::format("{:.7g}", value);
}

/// A comment is one line, whatever a name has in it.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

CsvWriter::CsvWriter(std::string_view schema) {
  note("schema", schema);
  note("build", build_description());
}

void CsvWriter::note(std::string_view key, std::string_view value) {
  text_ += fmt::format("# {}: {}\n", one_line(key), one_line(value));
}

void CsvWriter::header(const std::vector<CsvColumn>& columns) {
  std::vector<std::string> units;
  for (const CsvColumn& column : columns) {
    if (!column.unit.empty()) units.push_back(column.name + "=" + column.unit);
  }
  if (!units.empty()) note("units", join(units));
  columns_ = columns.size();
  for (const CsvColumn& column : columns) cell(column.name);
  end_row();
}

CsvWriter& CsvWriter::cell(std::string_view text) {
  if (cells_++ > 0) text_ += ',';
  text_ += csv_cell(std::string(text));
  return *this;
}

CsvWriter& CsvWriter::cell(double figure) {
  return cell(figure_text(figure));
}

CsvWriter& CsvWriter::exact(double number) {
  return cell(std::isnan(number) ? "" : format_number(number));
}

CsvWriter& CsvWriter::cells(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) cell(text);
  return *this;
}

void CsvWriter::end_row() {
  if (cells_ != columns_) throw std::logic_error("CsvWriter: a row of another width");
  text_ += '\n';
  cells_ = 0;
}

CsvReader::CsvReader(std::string file, std::string content)
    : content_(std::move(content)), where_{std::move(file)} {}

void CsvReader::skip_line() {
  const std::size_t end = content_.find('\n', at_);
  at_ = end == std::string::npos ? content_.size() : end + 1;
  ++line_;
}

std::optional<std::vector<std::string>> CsvReader::next() {
  const auto is_nothing = [&] {
    const std::string_view line = rest().substr(0, rest().find('\n'));
    return line.starts_with('#') || trim(line).empty();
  };
  while (at_ < content_.size() && is_nothing()) skip_line();
  where_.line = line_;
  if (at_ >= content_.size()) return std::nullopt;
  std::vector<std::string> cells;
  while (true) {
    if (rest().starts_with('"')) {
      cells.push_back(quoted_cell());
    } else {
      cells.emplace_back(rest().substr(0, rest().find_first_of(",\n")));
      at_ += cells.back().size();
      if (cells.back().ends_with('\r') && !rest().starts_with(',')) cells.back().pop_back();
    }
    if (!rest().starts_with(',')) break;
    ++at_;
  }
  skip_line();
  return cells;
}

std::string CsvReader::quoted_cell() {
  std::string cell;
  for (++at_;; ++at_) {
    if (at_ >= content_.size()) throw InputError(where_, "found no end of a quoted cell");
    if (content_[at_] == '\n') ++line_;
    if (content_[at_] != '"') {
      cell += content_[at_];
    } else if (rest().starts_with("\"\"")) {
      cell += content_[at_++];
    } else {
      break;
    }
  }
  ++at_;
  if (rest().starts_with("\r\n")) ++at_;
  if (!rest().empty() && rest().front() != ',' && rest().front() != '\n') {
    throw InputError(where_,
                     fmt::format("found '{}' behind the quoted cell '{}'", rest().front(), cell));
  }
  return cell;
}

std::optional<double> number_of_cell(std::string_view cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc() && end == cell.data() + cell.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace dovetail
