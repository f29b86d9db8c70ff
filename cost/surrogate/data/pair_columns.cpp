#include "cost/surrogate/data/pair_columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/text/csv.h"
#include "base/text/text.h"
#include "cost/figures/figures.h"

namespace dovetail {
namespace {

using Cells = std::vector<std::string>;

Cells names_of(const DecisionSpace& space, const std::string& prefix) {
  Cells names;
  for (const Decision& d : space.decisions()) names.push_back(prefix + d.name);
  return names;
}

std::size_t position_of(const Cells& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? PairColumns::kAbsent : static_cast<std::size_t>(at - names.begin());
}

void require_known_once(const Cells& names, const Cells& known, const Location& where) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(known.begin(), known.end(), names[i]) == known.end()) {
      throw InputError(where, unknown_name("column", names[i], known));
    }
    if (position_of(names, names[i]) != i) {
      throw InputError(where, fmt::format("column '{}' is there twice", names[i]));
    }
  }
}

std::vector<std::size_t> find_all(const Cells& wanted, const Cells& names, const Location& where) {
  std::vector<std::size_t> found;
  for (const std::string& name : wanted) {
    found.push_back(position_of(names, name));
    if (found.back() == PairColumns::kAbsent) {
      throw InputError(where, fmt::format("column '{}' is missing: every decision of the spaces is "
                                          "wanted",
                                          name));
    }
  }
  return found;
}

Choices read_choices(const Cells& cells, const std::vector<std::size_t>& columns,
                     const DecisionSpace& space, const Location& where) {
  Choices choices;
  for (std::size_t d = 0; d < space.size(); ++d) {
    const Cells& known = space[d].choices;
    const std::size_t at = position_of(known, cells[columns[d]]);
    if (at == PairColumns::kAbsent) {
      throw InputError(where, fmt::format("{}: found '{}', allowed: {}", space[d].name,
                                          cells[columns[d]], join(known)));
    }
    choices.push_back(static_cast<Choices::value_type>(at));
  }
  return choices;
}

}  // namespace

PairColumns::PairColumns(Cells names, const DecisionSpace& network, const DecisionSpace& hardware,
                         const Cells& others, const Location& where)
    : names_(std::move(names)), network_space_(network), hardware_space_(hardware) {
  const Cells of_network = names_of(network, "network."),
              of_hardware = names_of(hardware, "hardware.");
  Cells known = of_network;
  known.insert(known.end(), of_hardware.begin(), of_hardware.end());
  known.insert(known.end(), others.begin(), others.end());
  require_known_once(names_, known, where);
  network_ = find_all(of_network, names_, where);
  hardware_ = find_all(of_hardware, names_, where);
}

std::size_t PairColumns::position(const std::string& name) const {
  return position_of(names_, name);
}

void PairColumns::require_count(const Cells& cells, const Location& where) const {
  if (cells.size() == names_.size()) return;
  throw InputError(where, fmt::format("found {} cells, allowed {}: one for each column",
                                      cells.size(), names_.size()));
}

Pair PairColumns::pair(const Cells& cells, const Location& where) const {
  return {read_choices(cells, network_, network_space_, where),
          read_choices(cells, hardware_, hardware_space_, where)};
}

std::vector<Pair> read_pairs(const std::filesystem::path& file, const NetworkSpace& networks,
                             const DesignSpace& accelerators) {
  Cells others{"reason"};
  for (const Figure* figure : pair_figures()) others.push_back(figure->key);
  CsvReader csv(file.string(), read_file(file));
  std::optional<PairColumns> columns;
  std::vector<Pair> pairs;
  while (auto cells = csv.next()) {
    for (std::string& cell : *cells) cell = std::string(trim(cell));
    if (!columns) {
      columns.emplace(*cells, networks.decisions(), accelerators.decisions(), others, csv.where());
      continue;
    }
    columns->require_count(*cells, csv.where());
    Pair pair = columns->pair(*cells, csv.where());
    pair.network = networks.canonical(pair.network);
    pairs.push_back(std::move(pair));
  }
  if (pairs.empty()) throw InputError(Location{file.string()}, "has no pair");
  return pairs;
}

}  // namespace dovetail
