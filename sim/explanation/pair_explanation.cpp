#include "sim/explanation/pair_explanation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text/grouped.h"
#include "base/text/table.h"
#include "sim/explanation/mapping_explanation.h"
#include "sim/mapping/mapping_candidates.h"

namespace dovetail {
namespace {

/// Whole parameters, by the larger of what their steps change; as they stand, if that is equal.
void sort_by_effect(PairExplanation& e) {
  std::map<std::string, double> effects;
  for (const Neighbour& neighbour : e.neighbours) {
    double& effect = effects[neighbour.parameter];
    effect = std::max(effect, std::abs(e.change_percent_by(neighbour).value_or(0)));
  }
  std::stable_sort(e.neighbours.begin(), e.neighbours.end(),
                   [&](const Neighbour& a, const Neighbour& b) {
                     return effects[a.parameter] > effects[b.parameter];
                   });
}

std::string signed_text(std::optional<double> change, int decimals) {
  if (!change) return "-";
  const std::string text = fmt::format("{:+.{}f}", *change, decimals);
  return text.find_first_of("123456789") == std::string::npos ? "0" : text;
}

std::string pair_text(const PairExplanation& e) {
  const SimulationResult& r = e.result;
  std::string text = fmt::format("{} on {}: ", e.network, e.accelerator.name);
  if (!r.feasible()) {
    return text + fmt::format("infeasible ({}): {}\n", to_string(r.reason), r.reason_text);
  }
  text += fmt::format("{:.4f} ms, {:.1f} mm2, {:.0f} mW at {}\n", r.latency_ms, r.area_mm2,
                      power_mw(r), e.technology);
  text += fmt::format("\n{} is {}\n\n", e.layer ? e.layer_name : e.network,
                      bound_sentence(e.uses.front(), e.window));
  Table table({{"resource", Table::Align::kLeft},
               {"busy cycles"},
               {"%"},
               {"what it did", Table::Align::kLeft}});
  for (const ResourceUse& use : e.uses) {
    table.add_row({use.resource, grouped(use.busy_cycles),
                   fmt::format("{:.1f}", 100.0 * static_cast<double>(use.busy_cycles) /
                                             static_cast<double>(e.window.cycles())),
                   amount_text(use)});
  }
  return text + table.str();
}

/// Cells of a neighbour behind its name and step, with what they are compared to.
std::vector<std::string> cells_of(const PairExplanation& e, const Neighbour& neighbour) {
  const SimulationResult &from = e.result, &to = neighbour.result;
  const auto changed = [&](double a, double b) -> std::optional<double> {
    return from.feasible() && to.feasible() ? std::optional(b - a) : std::nullopt;
  };
  std::vector<std::string> cells;
  if (e.layer) {
    cells.push_back(to.feasible() ? grouped(e.cycles_in(to)) : "-");
    cells.push_back(signed_text(e.change_percent_by(neighbour), 1));
  }
  cells.push_back(to.feasible() ? fmt::format("{:.4f}", to.latency_ms) : "-");
  cells.push_back(signed_text(change_percent(from.latency_ms, to.latency_ms), 1));
  cells.push_back(signed_text(to.area_mm2 - from.area_mm2, 2));
  cells.push_back(signed_text(changed(power_mw(from), power_mw(to)), 1));
  cells.push_back(signed_text(changed(from.energy.total(), to.energy.total()), 4));
  cells.push_back(to.feasible() ? "" : to_string(to.reason));
  return cells;
}

std::string neighbours_table(const PairExplanation& e) {
  std::vector<Table::Column> columns = {{"parameter", Table::Align::kLeft}, {"from"}, {"to"}};
  if (e.layer) columns.insert(columns.end(), {{"layer (cycles)"}, {"%"}});
  columns.insert(columns.end(), {{"latency (ms)"},
                                 {"%"},
                                 {"area (mm2)"},
                                 {"power (mW)"},
                                 {"energy (mJ)"},
                                 {"cannot run", Table::Align::kLeft}});
  Table table(columns);
  std::string reasons;
  for (const Neighbour& n : e.neighbours) {
    std::vector<std::string> cells = {n.parameter, n.from, n.to};
    for (std::string& cell : cells_of(e, n)) cells.push_back(std::move(cell));
    table.add_row(std::move(cells));
    if (!n.result.feasible()) {
      reasons += fmt::format("{} {}: {}\n", n.parameter, n.to, n.result.reason_text);
    }
  }
  return fmt::format(
      "\nOne step of each parameter in {}, largest effect first; area, power and energy as they "
      "change\n{}{}",
      e.space, table.str(), reasons.empty() ? "" : "\n" + reasons);
}

}  // namespace

double power_mw(const SimulationResult& result) {
  return average_power_mw(result.energy.total(), result.latency_ms);
}

std::int64_t PairExplanation::cycles_in(const SimulationResult& r) const {
  if (!r.feasible()) return 0;
  return layer ? r.layers[*layer].cycles : r.cycles;
}

/// Of time: a neighbour may have another clock.
std::optional<double> PairExplanation::change_percent_by(const Neighbour& neighbour) const {
  return change_percent(
      static_cast<double>(cycles_in(result)) / accelerator.clock_ghz,
      static_cast<double>(cycles_in(neighbour.result)) / neighbour.accelerator.clock_ghz);
}

PairExplanation explain_pair(const Network& network, const AcceleratorConfig& accelerator,
                             const std::string& layer, const DesignSpace& space,
                             const std::string& technology, int effort) {
  PairExplanation e;
  e.network = network.name();
  e.space = space.name();
  e.accelerator = accelerator;
  e.layer_name = layer;
  if (!layer.empty()) e.layer = find_layer(network, layer);
  SimulatorOptions options;
  options.technology = technology;
  options.effort = effort;
  options.trace = true;
  Simulator simulator(options);
  e.result = simulator.run(network, accelerator);
  e.technology = e.result.technology;
  if (e.result.feasible()) {
    const std::span<const LayerResult> all = e.result.layers;
    e.window = {0, e.result.cycles};
    if (e.layer) e.window = window_of_layer(simulator.last_trace(), *e.layer);
    e.uses =
        resource_uses(simulator.last_trace(), e.window, e.layer ? all.subspan(*e.layer, 1) : all,
                      accelerator, attainable_macs_per_cycle(accelerator, network));
  }
  options.trace = false;
  Simulator others(options);
  e.neighbours = neighbours_of(accelerator, space.decisions());
  simulate_neighbours(network, others, e.neighbours);
  sort_by_effect(e);
  return e;
}

std::string pair_explanation_text(const PairExplanation& explanation) {
  return pair_text(explanation) + neighbours_table(explanation);
}

}  // namespace dovetail
