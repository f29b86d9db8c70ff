#include "cost/measured/measured_costs.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/text/csv.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "models/network/space/network_rows.h"

namespace dovetail {
namespace {

constexpr const char* kRate = "inferences_per_s";

struct MeasuredFigure {
  const char* key;
  double Costs::*figure;
  bool rate;  // inferences a second instead of milliseconds
};
constexpr std::array kFigures{MeasuredFigure{"latency_ms", &Costs::latency_ms, false},
                              MeasuredFigure{kRate, &Costs::latency_ms, true},
                              MeasuredFigure{"energy_mj", &Costs::energy_mj, false},
                              MeasuredFigure{"area_mm2", &Costs::area_mm2, false}};

std::string key_of_figure(const MeasuredFigure& figure, const std::string& target) {
  return target.empty() ? figure.key : fmt::format("{}@{}", figure.key, target);
}

/// What each column of the rows is, in the order in which they are read.
struct MeasuredColumns {
  NetworkColumns networks;
  std::vector<RowColumn> columns;  // decisions of the accelerator, then kFigures of each target
  std::size_t decisions = 0;       // how many of the former
};

/// A key of `columns` that says nothing would be read and ignored.
void require_known_keys(const CostFileFormat& format, const NetworkSpace& networks,
                        const MeasuredColumns& columns, const std::vector<std::string>& keys,
                        const std::string& file) {
  std::vector<std::string> known = keys;
  for (const Decision& decision : networks.decisions().decisions()) known.push_back(decision.name);
  for (const auto& [key, column] : format.columns) {
    if (std::ranges::find(known, key) != known.end()) continue;
    throw InputError(Location{file}, "columns: " + unknown_name("key", key, known));
  }
  if (columns.networks.digits.empty() || columns.networks.columns.empty()) return;
  throw InputError(Location{file},
                   fmt::format("a network stands in one column of digits ('{}') or in columns of "
                               "decisions, not in both",
                               columns.networks.digits));
}

/// Two ways of saying one figure are one too many.
void require_one_speed(const CostFileFormat& format, const std::string& target,
                       const std::string& file) {
  const std::string latency = key_of_figure(kFigures[0], target),
                    rate = key_of_figure(kFigures[1], target);
  if (!format.columns.contains(latency) || !format.columns.contains(rate)) return;
  throw InputError(Location{file},
                   fmt::format("columns: found '{}' and '{}', allowed one of them", latency, rate));
}

MeasuredColumns columns_of(const CostFileFormat& format, const NetworkSpace& networks,
                           const DesignSpace* accelerators, const std::vector<std::string>& targets,
                           const std::string& file) {
  MeasuredColumns columns;
  columns.networks.digits = format.digits;
  for (const Decision& decision : networks.decisions().decisions()) {
    const auto named = format.columns.find(decision.name);
    if (named != format.columns.end()) columns.networks.columns.insert(*named);
  }
  std::vector<std::string> keys;
  const auto add = [&](const std::string& key, bool required) {
    keys.push_back(key);
    const auto named = format.columns.find(key);
    const bool given = named != format.columns.end();
    columns.columns.push_back({given ? named->second : key, required || given});
  };
  if (accelerators != nullptr) {
    for (const Decision& d : accelerators->decisions().decisions()) add("hw." + d.name, true);
  }
  columns.decisions = columns.columns.size();
  for (const std::string& target : targets) {
    require_one_speed(format, target, file);
    for (const MeasuredFigure& figure : kFigures) add(key_of_figure(figure, target), false);
  }
  require_known_keys(format, networks, columns, keys, file);
  return columns;
}

/// The choice that a cell stands for; a number may be written in another way (20.0 for 20).
std::uint16_t choice_of(const RowCell& cell, const Decision& decision, const std::string& column,
                        const Location& where) {
  for (std::size_t c = 0; c < decision.choices.size(); ++c) {
    const bool same_number = decision.ordered() && cell.number == decision.values[c];
    if (cell.text == decision.choices[c] || same_number) return static_cast<std::uint16_t>(c);
  }
  throw InputError(
      where, fmt::format("{}: '{}' is none of {}", column, cell.text, join(decision.choices)));
}

double figure_of(const RowCell& cell, const MeasuredFigure& figure, const std::string& column,
                 const Location& where) {
  if (cell.text.empty()) return Costs::kUnknown;
  const double value = cell.number.value_or(0);
  const double kept = figure.rate ? 1000 / value : value;
  if (value > 0 && std::isfinite(kept) && kept > 0) return kept;
  throw InputError(where, fmt::format("{}: '{}' is not a number above 0", column, cell.text));
}

/// A figure that the file has.
struct ReadFigure {
  std::size_t column = 0;  // of MeasuredColumns::columns
  std::size_t target = 0;
  const MeasuredFigure* figure = nullptr;
};

std::vector<ReadFigure> figures_read(const MeasuredColumns& columns, const std::vector<bool>& has,
                                     const std::vector<std::string>& targets,
                                     const CostFileFormat& format) {
  std::vector<ReadFigure> read;
  std::size_t column = columns.decisions;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const bool rate_is_named = format.columns.contains(key_of_figure(kFigures[1], targets[t]));
    const bool takes_latency = has[column] && !rate_is_named;
    for (const MeasuredFigure& figure : kFigures) {
      const bool is_latency = figure.figure == &Costs::latency_ms;
      const bool taken = has[column] && (!is_latency || figure.rate != takes_latency);
      if (taken) read.push_back({column, t, &figure});
      ++column;
    }
  }
  return read;
}

/// The rows of one pair: of each figure the sum and the number of those that have it.
struct PairRows {
  Location first;
  std::vector<double> figures, sums;
  std::vector<std::size_t> counts;

  void add(const std::vector<double>& row) {
    sums.resize(row.size());
    counts.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::isnan(row[i])) continue;
      sums[i] += row[i];
      ++counts[i];
    }
  }
  double mean(std::size_t i) const {
    return counts[i] == 0 ? Costs::kUnknown : sums[i] / static_cast<double>(counts[i]);
  }
};

bool same_figures(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(
      a, b, [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace

MeasuredCosts::MeasuredCosts(const std::filesystem::path& file, const NetworkSpace& networks,
                             const DesignSpace* accelerators,
                             const std::vector<std::string>& targets, const CostFileFormat& format)
    : file_(file.string()), networks_(networks), accelerators_(accelerators) {
  const MeasuredColumns columns = columns_of(format, networks, accelerators, targets, file_);
  const NetworkRows read = read_network_rows(file, networks, columns.networks, columns.columns);
  const std::vector<ReadFigure> figures = figures_read(columns, read.has, targets, format);
  std::unordered_map<std::string, PairRows> rows;
  for (const NetworkRow& row : read.rows) {
    Pair pair{row.choices, {}};
    for (std::size_t d = 0; d < columns.decisions; ++d) {
      pair.hardware.push_back(choice_of(row.cells[d], accelerators->decisions()[d],
                                        columns.columns[d].name, row.where));
    }
    std::vector<double> values;
    for (const ReadFigure& f : figures) {
      values.push_back(
          figure_of(row.cells[f.column], *f.figure, columns.columns[f.column].name, row.where));
    }
    PairRows& known = rows[key_of(pair)];
    if (known.counts.empty()) {
      known.first = row.where;
      known.figures = values;
    } else if (!format.mean && !same_figures(known.figures, values)) {
      throw InputError(
          row.where,
          fmt::format("other figures for {} than in {}; leave one out or take their mean "
                      "(duplicates: mean)",
                      describe(pair), known.first.str()));
    }
    if (format.mean || known.counts.empty()) known.add(values);
  }
  columns_.resize(targets.size());
  for (const ReadFigure& f : figures) columns_[f.target].*f.figure->figure = 1;
  for (const auto& [key, of_pair] : rows) {
    std::vector<Costs>& costs = rows_[key];
    costs.resize(targets.size());
    for (std::size_t i = 0; i < figures.size(); ++i) {
      costs[figures[i].target].*figures[i].figure->figure = of_pair.mean(i);
    }
  }
}

std::string MeasuredCosts::key_of(const Pair& pair) const {
  std::string key = networks_.canonical_key(pair.network);
  if (accelerators_ == nullptr) return key;
  for (const auto choice : pair.hardware) key += fmt::format(" {}", choice);
  return key;
}

std::string MeasuredCosts::describe(const Pair& pair) const {
  std::string text = "network " + networks_.decisions().describe(pair.network);
  if (accelerators_ == nullptr) return text;
  return text + " on accelerator " + accelerators_->decisions().describe(pair.hardware);
}

const std::vector<Costs>& MeasuredCosts::of(const Pair& pair) const {
  networks_.decisions().validate(pair.network);
  if (accelerators_ != nullptr && pair.hardware.empty()) {
    throw InputError(Location{file_},
                     fmt::format("speaks of accelerators of '{}', and the baseline is none",
                                 accelerators_->name()));
  }
  const auto found = rows_.find(key_of(pair));
  if (found != rows_.end()) return found->second;
  throw InputError(Location{file_}, "has no " + describe(pair));
}

}  // namespace dovetail
