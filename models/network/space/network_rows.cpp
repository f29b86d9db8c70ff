#include "models/network/space/network_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/files/yaml.h"
#include "base/text/csv.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

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

/// Where in a row the network and the other cells stand.
struct HeaderColumns {
  std::vector<std::string> names;
  std::vector<std::size_t> decisions;  // or, with `digits`, the one column
  std::vector<std::optional<std::size_t>> others;
  bool digits = false;

  bool uses(std::size_t column) const {
    return std::ranges::find(decisions, column) != decisions.end() ||
           std::ranges::find(others, column) != others.end();
  }
};

HeaderColumns read_header(std::vector<std::string> names, const DecisionSpace& decisions,
                          const NetworkColumns& networks, const std::vector<RowColumn>& columns,
                          const Location& where) {
  HeaderColumns header;
  header.names = std::move(names);
  for (const RowColumn& column : columns) {
    const bool there = std::ranges::find(header.names, column.name) != header.names.end();
    header.others.emplace_back();
    if (there || column.required)
      header.others.back() = column_of(header.names, column.name, where);
  }
  header.digits = !networks.digits.empty();
  if (header.digits) {
    header.decisions.push_back(column_of(header.names, networks.digits, where));
    return header;
  }
  for (const Decision& d : decisions.decisions()) {
    const auto other = networks.columns.find(d.name);
    header.decisions.push_back(
        column_of(header.names, other == networks.columns.end() ? d.name : other->second, where));
  }
  return header;
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
Choices parse_choices(const std::vector<std::string>& cells, const HeaderColumns& header,
                      const NetworkSpace& space, const Location& where) {
  const DecisionSpace& decisions = space.decisions();
  Choices choices(decisions.size(), 0);
  std::vector<std::size_t> unknown;
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    const auto& known = decisions[d].choices;
    const auto it = std::find(known.begin(), known.end(), cells[header.decisions[d]]);
    if (it == known.end()) {
      unknown.push_back(d);
    } else {
      choices[d] = static_cast<std::uint16_t>(it - known.begin());
    }
  }
  const std::vector<bool> active = space.active(choices);
  for (const std::size_t d : unknown) {
    if (!active[d]) continue;
    const std::string& cell = cells[header.decisions[d]];
    throw InputError(where, fmt::format("{}: '{}' is none of {}", header.names[header.decisions[d]],
                                        cell, join(decisions[d].choices)));
  }
  return space.canonical(choices);
}

NetworkRows read_csv(const std::filesystem::path& file, const NetworkSpace& space,
                     const NetworkColumns& networks, const std::vector<RowColumn>& columns) {
  CsvReader csv(file.string(), read_file(file));
  const HeaderColumns header = read_header(next_row(csv).value_or(std::vector<std::string>()),
                                           space.decisions(), networks, columns, csv.where());
  NetworkRows result;
  for (const auto& column : header.others) result.has.push_back(column.has_value());
  for (std::size_t c = 0; c < header.names.size(); ++c) {
    if (!header.uses(c)) result.unused_columns.push_back(header.names[c]);
  }
  while (const auto cells = next_row(csv)) {
    const Location& where = csv.where();
    if (cells->size() != header.names.size()) {
      throw InputError(where, fmt::format("{} cells, but the header has {} columns", cells->size(),
                                          header.names.size()));
    }
    NetworkRow row{header.digits ? parse_digits(cells->at(header.decisions.front()), space, where)
                                 : parse_choices(*cells, header, space, where),
                   "",
                   {},
                   where};
    for (const auto& column : header.others) {
      row.cells.emplace_back();
      if (column) row.cells.back() = {cells->at(*column), number_of_cell(cells->at(*column))};
    }
    result.rows.push_back(std::move(row));
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

RowCell cell_of(const nlohmann::ordered_json& entry, const std::string& member) {
  if (!entry.is_object() || !entry.contains(member)) return {};
  const nlohmann::ordered_json& value = entry.at(member);
  RowCell cell{value.dump(), {}};
  if (value.is_number()) cell.number = value.get<double>();
  return cell;
}

NetworkRows read_json(const std::filesystem::path& file, const NetworkSpace& space,
                      const NetworkColumns& networks, const std::vector<RowColumn>& columns) {
  if (!(networks == NetworkColumns())) {
    throw InputError(Location{file.string()},
                     "has no columns: the keys of a JSON file are the networks");
  }
  const std::string text = read_file(file);
  KeyLines lines(text, file.string());
  NetworkRows result;
  result.has.assign(columns.size(), false);
  const nlohmann::ordered_json json = parse_json(text, file);
  for (const auto& [key, entry] : json.items()) {
    const Location where = lines.next(key);
    NetworkRow row{parse_digits(key, space, where), key, {}, where};
    for (std::size_t c = 0; c < columns.size(); ++c) {
      row.cells.push_back(cell_of(entry, columns[c].name));
      if (!row.cells.back().text.empty()) result.has[c] = true;
    }
    result.rows.push_back(std::move(row));
  }
  return result;
}

}  // namespace

NetworkColumns NetworkColumns::from_yaml(YamlMap& map) {
  NetworkColumns read;
  if (const auto name = map.optional("digits_column")) read.digits = name->as_string();
  if (const auto columns = map.optional("columns")) {
    YamlMap by_decision = columns->map();
    for (const auto& [decision, column] : by_decision.entries()) {
      read.columns[decision] = column.as_string();
    }
  }
  return read;
}

std::string NetworkColumns::yaml() const {
  std::string text;
  if (!digits.empty()) text += "digits_column: " + yaml_scalar(digits) + "\n";
  if (!columns.empty()) text += "columns:\n";
  for (const auto& [decision, column] : columns) {
    text += "  " + yaml_scalar(decision) + ": " + yaml_scalar(column) + "\n";
  }
  return text;
}

bool is_json_of_networks(const std::filesystem::path& file) {
  return file.extension() == ".json";
}

NetworkRows read_network_rows(const std::filesystem::path& file, const NetworkSpace& space,
                              const NetworkColumns& networks,
                              const std::vector<RowColumn>& columns) {
  for (const auto& [decision, column] : networks.columns) space.decisions().find(decision);
  if (!networks.digits.empty() && !networks.columns.empty()) {
    throw InputError(fmt::format(
        "a network stands in one column of digits ('{}') or in columns of decisions, not in both",
        networks.digits));
  }
  NetworkRows result = is_json_of_networks(file) ? read_json(file, space, networks, columns)
                                                 : read_csv(file, space, networks, columns);
  if (result.rows.empty()) throw InputError(Location{file.string()}, "has no network");
  return result;
}

}  // namespace dovetail
