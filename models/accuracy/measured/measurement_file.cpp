#include "models/accuracy/measured/measurement_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

constexpr const char* kCsvAccuracy = "top1";
constexpr const char* kJsonAccuracy = "mean_acc";

/// The next row, whatever blanks stand around its cells.
std::optional<std::vector<std::string>> next_row(CsvReader& csv) {
  auto cells = csv.next();
  if (!cells) return cells;
  for (std::string& cell : *cells) cell = std::string(trim(cell));
  return cells;
}

std::size_t column_of(const std::vector<std::string>& names, const std::string& name,
                      const Location& where) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) {
    const std::string near = nearest(name, names);
    throw InputError(where, fmt::format("the header has no column '{}'{}", name,
                                        near.empty() ? "" : "; is '" + near + "' meant?"));
  }
  if (std::find(it + 1, names.end(), name) != names.end()) {
    throw InputError(where, fmt::format("the header has two columns '{}'", name));
  }
  return static_cast<std::size_t>(it - names.begin());
}

/// Where in a row the network and the accuracy stand.
struct AccuracyColumns {
  std::vector<std::string> names;
  std::vector<std::size_t> decisions;  // or, with `digits`, the one column
  std::size_t accuracy = 0;
  bool digits = false;
};

AccuracyColumns read_columns(std::vector<std::string> names, const DecisionSpace& decisions,
                             const MeasurementFormat& format, const Location& where) {
  AccuracyColumns columns;
  columns.names = std::move(names);
  columns.accuracy =
      column_of(columns.names, format.accuracy.empty() ? kCsvAccuracy : format.accuracy, where);
  columns.digits = !format.digits.empty();
  if (columns.digits) {
    columns.decisions.push_back(column_of(columns.names, format.digits, where));
    return columns;
  }
  for (const Decision& d : decisions.decisions()) {
    const auto other = format.columns.find(d.name);
    columns.decisions.push_back(
        column_of(columns.names, other == format.columns.end() ? d.name : other->second, where));
  }
  return columns;
}

double parse_percent(const std::string& cell, const std::string& column, const Location& where) {
  const auto value = number_of_cell(cell);
  if (!value || !(*value >= 0 && *value <= 100)) {
    throw InputError(where,
                     fmt::format("{}: '{}' is not a number from 0 to 100 (percent)", column, cell));
  }
  return *value;
}

/// Choices from one digit a decision.
Choices parse_digits(const std::string& digits, const NetworkSpace& space, const Location& where) {
  const DecisionSpace& decisions = space.decisions();
  if (digits.size() != decisions.size()) {
    throw InputError(where, fmt::format("'{}' has {} digits, but '{}' has {} decisions", digits,
                                        digits.size(), space.name(), decisions.size()));
  }
  Choices choices;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    const int choice = digits[d] - '0';
    if (choice < 0 || choice > 9 || choice >= static_cast<int>(decisions[d].choices.size())) {
      throw InputError(where,
                       fmt::format("'{}': {}: found '{}', allowed a digit from 0 to {}", digits,
                                   decisions[d].name, digits[d],
                                   std::min<std::size_t>(10, decisions[d].choices.size()) - 1));
    }
    choices.push_back(static_cast<Choices::value_type>(choice));
  }
  return space.canonical(choices);
}

/// Unknown choices are let through first, since only the others tell which decisions have an
/// effect.
Choices parse_choices(const std::vector<std::string>& cells, const AccuracyColumns& columns,
                      const NetworkSpace& space, const Location& where) {
  const DecisionSpace& decisions = space.decisions();
  Choices choices(decisions.size(), 0);
  std::vector<std::size_t> unknown;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    const auto& known = decisions[d].choices;
    const auto it = std::find(known.begin(), known.end(), cells[columns.decisions[d]]);
    if (it == known.end()) {
      unknown.push_back(d);
    } else {
      choices[d] = static_cast<std::uint16_t>(it - known.begin());
    }
  }
  const std::vector<bool> active = space.active(choices);
  for (const std::size_t d : unknown) {
    if (!active[d]) continue;
    const std::string& cell = cells[columns.decisions[d]];
    throw InputError(
        where, fmt::format("{}: '{}' is none of {}", columns.names[columns.decisions[d]], cell,
                           join(decisions[d].choices)));
  }
  return space.canonical(choices);
}

MeasurementFile read_csv(const std::filesystem::path& file, const NetworkSpace& space,
                         const MeasurementFormat& format) {
  CsvReader csv(file.string(), read_file(file));
  const auto names = next_row(csv).value_or(std::vector<std::string>());
  const AccuracyColumns columns = read_columns(names, space.decisions(), format, csv.where());

  MeasurementFile result;
  for (std::size_t c = 0; c < columns.names.size(); ++c) {
    const auto& used = columns.decisions;
    if (c != columns.accuracy && std::find(used.begin(), used.end(), c) == used.end()) {
      result.unused_columns.push_back(columns.names[c]);
    }
  }
  while (const auto row = next_row(csv)) {
    const Location& where = csv.where();
    const std::vector<std::string>& cells = *row;
    if (cells.size() != columns.names.size()) {
      throw InputError(where, fmt::format("{} cells, but the header has {} columns", cells.size(),
                                          columns.names.size()));
    }
    Choices choices = columns.digits ? parse_digits(cells[columns.decisions.front()], space, where)
                                     : parse_choices(cells, columns, space, where);
    const double top1 =
        parse_percent(cells[columns.accuracy], columns.names[columns.accuracy], where);
    result.rows.push_back({std::move(choices), top1, where});
  }
  return result;
}

/// Finds the lines of the keys of a JSON object, asked for in the order of the file.
class KeyLines {
 public:
  KeyLines(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}
  Location next(const std::string& key) {
    const std::size_t at = text_.find('"' + key + '"', position_);
    if (at == std::string::npos) return {file_};  // written with escapes
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    position_ = at;
    return {file_, line_};
  }

 private:
  const std::string& text_;
  std::string file_;
  std::size_t position_ = 0;
  int line_ = 1;
};

nlohmann::ordered_json parse_json(const std::string& text, const std::filesystem::path& file) {
  std::set<std::string> keys;
  const auto no_key_twice = [&](int depth, nlohmann::ordered_json::parse_event_t event,
                                nlohmann::ordered_json& parsed) {
    if (depth == 1 && event == nlohmann::ordered_json::parse_event_t::key &&
        !keys.insert(parsed.get<std::string>()).second) {
      throw InputError(Location{file.string()},
                       "has the key '" + parsed.get<std::string>() + "' twice");
    }
    return true;
  };
  try {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, no_key_twice);
    if (!json.is_object()) throw InputError(Location{file.string()}, "found no JSON object");
    return json;
  } catch (const nlohmann::json::exception& e) {
    throw InputError(Location{file.string()}, std::string("is not JSON: ") + json_fault(e));
  }
}

MeasurementFile read_json(const std::filesystem::path& file, const NetworkSpace& space,
                          const MeasurementFormat& format) {
  if (!format.digits.empty() || !format.columns.empty()) {
    throw InputError(Location{file.string()},
                     "has no columns: the keys of a JSON file are the networks");
  }
  const std::string member = format.accuracy.empty() ? kJsonAccuracy : format.accuracy;
  const std::string text = read_file(file);
  KeyLines lines(text, file.string());
  MeasurementFile result;
  const nlohmann::ordered_json json = parse_json(text, file);
  for (const auto& [key, entry] : json.items()) {
    const Location where = lines.next(key);
    const auto value = entry.is_object() ? entry.find(member) : entry.end();
    const bool there = entry.is_object() && value != entry.end();
    if (!there || !value->is_number() || !(value->get<double>() >= 0) ||
        value->get<double>() > 100) {
      throw InputError(where, fmt::format("{}: {}: found {}, allowed a number from 0 to 100", key,
                                          member, there ? value->dump() : "none"));
    }
    result.rows.push_back({parse_digits(key, space, where), value->get<double>(), where});
  }
  return result;
}

}  // namespace

MeasurementFile read_measurements(const std::filesystem::path& file, const NetworkSpace& space,
                                  const MeasurementFormat& format) {
  for (const auto& [decision, column] : format.columns) space.decisions().find(decision);
  if (!format.digits.empty() && !format.columns.empty()) {
    throw InputError(fmt::format(
        "a network stands in one column of digits ('{}') or in columns of decisions, not in both",
        format.digits));
  }
  MeasurementFile result =
      file.extension() == ".json" ? read_json(file, space, format) : read_csv(file, space, format);
  if (result.rows.empty()) throw InputError(Location{file.string()}, "has no measured network");
  return result;
}

}  // namespace dovetail
