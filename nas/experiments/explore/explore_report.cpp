#include "nas/experiments/explore/explore_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/experiments/explore/exploration_file.h"
#include "nas/objective/pareto.h"
#include "nas/study/study_results.h"

namespace dovetail {
namespace {

constexpr std::size_t kShown = 15;  // rows of a front in a table

std::string preamble(const char* schema, const DesignSpace& space, const ExploreOptions& options) {
  return exploration_preamble(fmt::format("dovetail.{}/1", schema), space, options);
}

/// How many points have each reason.
std::vector<std::uint64_t> count_reasons(const std::vector<ExploredPoint>& points) {
  std::vector<std::uint64_t> counts(explored_reasons().size(), 0);
  for (const ExploredPoint& point : points) ++counts[point.reason];
  return counts;
}

/// Up to `count` elements, evenly spread and with both ends.
std::vector<std::uint64_t> spread(const std::vector<std::uint64_t>& all, std::size_t count) {
  if (all.size() <= count) return all;
  std::vector<std::uint64_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    chosen.push_back(all[i * (all.size() - 1) / (count - 1)]);
  }
  return chosen;
}

/// The base of the space among its points, if it is one of them.
std::optional<std::uint64_t> index_of_base(const DesignSpace& space) {
  try {
    return space.decisions().index_of(space.encode(space.base()));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

bool better(const ExploredPoint& a, const ExploredPoint& b,
            const std::vector<std::size_t>& figures) {
  return a.feasible() && std::all_of(figures.begin(), figures.end(),
                                     [&](std::size_t f) { return a.figures[f] < b.figures[f]; });
}

std::string names_of(const std::vector<std::size_t>& figures, const char* separator) {
  std::vector<std::string> names;
  names.reserve(figures.size());
  for (const std::size_t f : figures) names.push_back(explored_figures()[f].key);
  return join(names, separator);
}

/// How many configurations beat the base in everything.
std::string base_sentence(const Exploration& exploration, const DesignSpace& space,
                          const std::vector<std::size_t>& figures, std::uint64_t base) {
  const ExploredPoint& point = exploration.points[base];
  const std::string& name = space.base().name;
  if (!point.feasible()) {
    return fmt::format("{}: {}\n", name, explored_reasons()[point.reason]);
  }
  const auto count =
      std::count_if(exploration.points.begin(), exploration.points.end(),
                    [&](const ExploredPoint& other) { return better(other, point, figures); });
  return fmt::format("{} configurations are better than {} in {}\n", count, name,
                     names_of(figures, " and "));
}

}  // namespace

std::vector<std::uint64_t> explored_front(const std::vector<ExploredPoint>& points,
                                          const std::vector<std::size_t>& figures) {
  ParetoArchive archive;
  for (std::uint64_t i = 0; i < points.size(); ++i) {
    if (!points[i].feasible()) continue;
    Outcome outcome;
    outcome.valid = true;
    outcome.violation = 0;
    for (const std::size_t f : figures) outcome.objectives.push_back(points[i].figures[f]);
    archive.insert(outcome, static_cast<std::int64_t>(i));
  }
  std::vector<std::uint64_t> front;
  for (const ParetoArchive::Entry& entry : archive.entries()) {
    front.push_back(static_cast<std::uint64_t>(entry.id));
  }
  return front;
}

std::string fronts_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                       const ExploreOptions& options, const std::vector<std::size_t>& figures) {
  std::string text = preamble("exploration_front", space, options);
  text += fmt::format("# minimised: {}\n", names_of(figures, " "));
  text += "network," + join(exploration_columns(space), ",") + "\n";
  for (const Exploration& exploration : explorations) {
    for (const std::uint64_t i : explored_front(exploration.points, figures)) {
      text += exploration.network + "," +
              join(exploration_cells(space, i, exploration.points[i]), ",") + "\n";
    }
  }
  return text;
}

std::string reasons_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                        const ExploreOptions& options) {
  std::string text = preamble("exploration_reasons", space, options);
  text += "network,configurations,feasible";
  for (std::size_t r = 1; r < explored_reasons().size(); ++r) text += "," + explored_reasons()[r];
  text += "\n";
  for (const Exploration& exploration : explorations) {
    text += fmt::format("{},{}", exploration.network, exploration.points.size());
    for (const std::uint64_t count : count_reasons(exploration.points)) {
      text += fmt::format(",{}", count);
    }
    text += "\n";
  }
  return text;
}

std::string front_table(const Exploration& exploration, const DesignSpace& space,
                        const std::vector<std::size_t>& figures) {
  const std::vector<ExploredPoint>& points = exploration.points;
  const std::vector<std::uint64_t> front = explored_front(points, figures);
  std::string text = fmt::format("{}: {} configurations on the front of {}", exploration.network,
                                 front.size(), names_of(figures, ", "));
  if (front.empty()) return text + "\n";
  if (front.size() > kShown) text += fmt::format(", {} of them here", kShown);

  std::vector<Table::Column> columns = {{"index"}};
  for (const ExploredFigure& figure : explored_figures()) {
    columns.push_back({figure.key});
  }
  columns.push_back({"accelerator", Table::Align::kLeft});
  Table table(columns);
  const auto add = [&](std::uint64_t i, const std::string& note = "") {
    std::vector<std::string> cells = {std::to_string(i)};
    for (std::size_t f = 0; f < kExploredFigures; ++f) {
      cells.push_back(fmt::format("{:.{}f}", points[i].figures[f], explored_figures()[f].decimals));
    }
    cells.push_back(accelerator_summary(space.decode(space.decisions().from_index(i))) + note);
    table.add_row(std::move(cells));
  };
  for (const std::uint64_t i : spread(front, kShown)) add(i);
  const auto base = index_of_base(space);
  const bool comparable = base && points[*base].feasible();
  if (comparable) {
    table.add_rule();
    add(*base, " (" + space.base().name + ")");
  }
  text += "\n\n" + table.str();
  if (base) text += base_sentence(exploration, space, figures, *base);
  return text;
}

std::string reasons_table(const std::vector<Exploration>& explorations) {
  std::vector<std::vector<std::uint64_t>> counts;
  counts.reserve(explorations.size());
  for (const Exploration& exploration : explorations) {
    counts.push_back(count_reasons(exploration.points));
  }
  std::vector<std::size_t> shown;
  std::vector<Table::Column> columns = {
      {"share of configurations [%]", Table::Align::kLeft}, {"configurations"}, {"feasible"}};
  for (std::size_t r = 1; r < explored_reasons().size(); ++r) {
    const bool occurs = std::any_of(counts.begin(), counts.end(),
                                    [&](const auto& of_network) { return of_network[r] > 0; });
    if (!occurs) continue;
    shown.push_back(r);
    columns.push_back({explored_reasons()[r]});
  }
  Table table(columns);
  for (std::size_t n = 0; n < explorations.size(); ++n) {
    const auto total = static_cast<double>(explorations[n].points.size());
    const auto share = [&](std::size_t r) {
      return fmt::format("{:.2f}", 100 * static_cast<double>(counts[n][r]) / total);
    };
    std::vector<std::string> cells = {explorations[n].network,
                                      std::to_string(explorations[n].points.size()), share(0)};
    for (const std::size_t r : shown) cells.push_back(share(r));
    table.add_row(std::move(cells));
  }
  return table.str();
}

}  // namespace dovetail
