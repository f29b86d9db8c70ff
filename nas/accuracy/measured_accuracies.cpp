#include "nas/accuracy/measured_accuracies.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/text.h"
#include "models/network/network_space.h"

namespace dovetail {
namespace {

constexpr const char* kAccuracyColumn = "top1";

/// Where in a row the decisions and the accuracy stand.
struct Columns {
  std::vector<std::string> names;
  std::vector<std::size_t> decisions;
  std::size_t accuracy = 0;
};

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells = split(line, ',');
  for (std::string& cell : cells) cell = std::string(trim(cell));
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

Columns read_columns(const std::string& line, const DecisionSpace& decisions,
                     const Location& where) {
  Columns columns;
  columns.names = cells_of(line);
  columns.accuracy = column_of(columns.names, kAccuracyColumn, where);
  for (const Decision& d : decisions.decisions()) {
    columns.decisions.push_back(column_of(columns.names, d.name, where));
  }
  return columns;
}

double parse_percent(const std::string& cell, const Location& where) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !(value >= 0 && value <= 100)) {
    throw InputError(where, fmt::format("{}: '{}' is not a number from 0 to 100 (percent)",
                                        kAccuracyColumn, cell));
  }
  return value;
}

/// Unknown choices are let through first, since only the others tell which decisions have an
/// effect.
Choices parse_choices(const std::vector<std::string>& cells, const Columns& columns,
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
    throw InputError(where, fmt::format("{}: '{}' is none of {}", decisions[d].name,
                                        cells[columns.decisions[d]], join(decisions[d].choices)));
  }
  return space.canonical(choices);
}

}  // namespace

MeasuredAccuracies read_measured_accuracies(const std::filesystem::path& file,
                                            const NetworkSpace& space) {
  const std::vector<std::string> lines = split(read_file(file), '\n');
  Location where{file.string(), 1};
  const Columns columns = read_columns(lines.front(), space.decisions(), where);

  MeasuredAccuracies table;
  for (std::size_t c = 0; c < columns.names.size(); ++c) {
    const auto& used = columns.decisions;
    if (c != columns.accuracy && std::find(used.begin(), used.end(), c) == used.end()) {
      table.unused_columns.push_back(columns.names[c]);
    }
  }
  std::map<Choices, std::size_t> position;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    where.line = static_cast<int>(i + 1);
    if (trim(lines[i]).empty()) continue;
    const std::vector<std::string> cells = cells_of(lines[i]);
    if (cells.size() != columns.names.size()) {
      throw InputError(where, fmt::format("{} cells, but the header has {} columns", cells.size(),
                                          columns.names.size()));
    }
    const Choices choices = parse_choices(cells, columns, space, where);
    const auto [it, added] = position.try_emplace(choices, table.networks.size());
    if (added) table.networks.push_back({choices, 0, 0});
    MeasuredNetwork& network = table.networks[it->second];
    network.top1_percent += parse_percent(cells[columns.accuracy], where);
    ++network.measured;
    ++table.rows;
  }
  for (MeasuredNetwork& n : table.networks) n.top1_percent /= static_cast<double>(n.measured);
  return table;
}

}  // namespace dovetail
