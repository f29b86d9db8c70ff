#include "nas/experiments/explore/explore_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/text/digits.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "nas/analysis/space_bounds.h"
#include "nas/analysis/study_tables.h"
#include "nas/experiments/explore/exploration_file.h"
#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

constexpr std::size_t kShown = 15;  // rows of a front in a table

/// How many points have each reason that occurs.
using ReasonCounts = std::map<InfeasibleReason, std::uint64_t>;

ReasonCounts count_reasons(const std::vector<Costs>& points) {
  ReasonCounts reasons;
  for (const Costs& point : points) ++reasons[point.reason];
  return reasons;
}

/// Without that of feasible configurations.
std::vector<InfeasibleReason> reason_columns() {
  std::vector<InfeasibleReason> columns = explored_reasons();
  std::erase(columns, InfeasibleReason::kNone);
  return columns;
}

/// Energies of one network on many accelerators are told apart by the micro-joule at most.
int decimals_of(const Figure& figure) {
  return figure.key == "energy_mj" ? 3 : figure.decimals;
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

bool better(const Costs& a, const Costs& b, const std::vector<const Figure*>& figures) {
  return a.feasible() && std::all_of(figures.begin(), figures.end(),
                                     [&](const Figure* f) { return f->of(a) < f->of(b); });
}

std::string names_of(const std::vector<const Figure*>& figures, const char* separator) {
  std::vector<std::string> names;
  names.reserve(figures.size());
  for (const Figure* figure : figures) names.push_back(figure->key);
  return join(names, separator);
}

/// How many configurations beat the base in everything.
std::string base_sentence(const Exploration& exploration, const DesignSpace& space,
                          const std::vector<const Figure*>& figures, std::uint64_t base) {
  const Costs& point = exploration.points[base];
  const std::string& name = space.base().name;
  if (!point.feasible()) {
    return fmt::format("{}: {}\n", name, to_string(point.reason));
  }
  const auto count =
      std::count_if(exploration.points.begin(), exploration.points.end(),
                    [&](const Costs& other) { return better(other, point, figures); });
  return fmt::format("{} configurations are better than {} in {}\n", count, name,
                     names_of(figures, " and "));
}

}  // namespace

std::vector<std::uint64_t> explored_front(const std::vector<Costs>& points,
                                          const std::vector<const Figure*>& figures) {
  const auto outcome_of = [&](std::size_t i) {
    Outcome outcome;
    outcome.valid = points[i].feasible();
    outcome.violation = 0;
    for (const Figure* figure : figures) outcome.objectives.push_back(figure->of(points[i]));
    return outcome;
  };
  const std::vector<std::size_t> positions = front_positions(points.size(), outcome_of);
  return {positions.begin(), positions.end()};
}

std::string fronts_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                       const ExploreOptions& options, const std::vector<const Figure*>& figures,
                       const std::string& limits) {
  CsvWriter csv = exploration_writer("dovetail.exploration_front/1", space, options);
  csv.note("minimised", names_of(figures, " "));
  if (!limits.empty()) csv.note("limits", limits);
  std::vector<CsvColumn> columns = exploration_columns(space);
  columns.insert(columns.begin(), {"network"});
  csv.header(columns);
  for (const Exploration& exploration : explorations) {
    for (const std::uint64_t i : explored_front(exploration.points, figures)) {
      csv.cell(exploration.network).cells(exploration_cells(space, i, exploration.points[i]));
      csv.end_row();
    }
  }
  return csv.text();
}

std::string reasons_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                        const ExploreOptions& options) {
  CsvWriter csv = exploration_writer("dovetail.exploration_reasons/1", space, options);
  std::vector<CsvColumn> columns{{"network"}, {"configurations"}, {"feasible"}};
  for (const InfeasibleReason reason : reason_columns()) columns.push_back({to_string(reason)});
  csv.header(columns);
  for (const Exploration& exploration : explorations) {
    ReasonCounts reasons = count_reasons(exploration.points);
    csv.cell(exploration.network).cell(exploration.points.size());
    for (const InfeasibleReason reason : explored_reasons()) csv.cell(reasons[reason]);
    csv.end_row();
  }
  return csv.text();
}

std::string front_table(const Exploration& exploration, const DesignSpace& space,
                        const std::vector<const Figure*>& figures) {
  const std::vector<Costs>& points = exploration.points;
  const std::vector<std::uint64_t> front = explored_front(points, figures);
  std::string text = fmt::format("{}: {} configurations on the front of {}", exploration.network,
                                 front.size(), names_of(figures, ", "));
  if (front.empty()) return text + "\n";
  if (front.size() > kShown) text += fmt::format(", {} of them here", kShown);

  std::vector<Table::Column> columns = {{"index"}};
  for (const Figure* figure : pair_figures()) columns.push_back({figure->key});
  columns.push_back({"accelerator", Table::Align::kLeft});
  Table table(columns);
  const auto add = [&](std::uint64_t i, const std::string& note = "") {
    std::vector<std::string> cells = {std::to_string(i)};
    for (const Figure* figure : pair_figures()) {
      cells.push_back(digits_text(figure->of(points[i]), decimals_of(*figure)));
    }
    const AcceleratorConfig accelerator = space.decode(space.decisions().from_index(i));
    cells.push_back(accelerator_summary(accelerator, &space) + note);
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
  std::vector<Choices> best;
  for (const std::uint64_t i : front) best.push_back(space.decisions().from_index(i));
  return text + bounds_text(space, best, "the front");
}

std::string reasons_table(const std::vector<Exploration>& explorations) {
  std::vector<ReasonCounts> reasons;
  reasons.reserve(explorations.size());
  for (const Exploration& exploration : explorations) {
    reasons.push_back(count_reasons(exploration.points));
  }
  std::vector<InfeasibleReason> shown;
  std::vector<Table::Column> columns = {
      {"share of configurations [%]", Table::Align::kLeft}, {"configurations"}, {"feasible"}};
  for (const InfeasibleReason reason : reason_columns()) {
    const bool occurs = std::any_of(reasons.begin(), reasons.end(), [&](const auto& of_network) {
      return of_network.contains(reason);
    });
    if (!occurs) continue;
    shown.push_back(reason);
    columns.push_back({to_string(reason)});
  }
  Table table(columns);
  for (std::size_t n = 0; n < explorations.size(); ++n) {
    const auto total = static_cast<double>(explorations[n].points.size());
    const auto share = [&](InfeasibleReason reason) {
      return fmt::format("{:.2f}", 100 * static_cast<double>(reasons[n][reason]) / total);
    };
    std::vector<std::string> cells = {explorations[n].network,
                                      std::to_string(explorations[n].points.size()),
                                      share(InfeasibleReason::kNone)};
    for (const InfeasibleReason reason : shown) cells.push_back(share(reason));
    table.add_row(std::move(cells));
  }
  return table.str();
}

}  // namespace dovetail
