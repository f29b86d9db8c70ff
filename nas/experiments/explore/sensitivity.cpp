#include "nas/experiments/explore/sensitivity.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers/samples.h"
#include "base/text/table.h"
#include "nas/experiments/explore/exploration_file.h"

namespace dovetail {
namespace {

/// Latencies this close are the same: rounding of cycles, not an effect.
constexpr double kSame = 0.001;

RatioSpread spread_of(const std::vector<double>& ratios) {
  if (ratios.empty()) return {};
  const Quartiles quartiles = Quartiles::of(ratios);
  const auto [best, worst] = std::ranges::minmax(ratios);
  return {best, quartiles.first, quartiles.median, quartiles.third, worst};
}

void count_latency(double ratio, StepEffect& effect) {
  effect.unchanged += ratio >= 1 - kSame && ratio <= 1 + kSame;
  effect.faster_1_percent += ratio < 0.99;
  effect.faster_2_percent += ratio < 0.98;
  effect.slower += ratio > 1 + kSame;
}

/// Counts the pair; whether both run.
bool count_pair(const Costs& from, const Costs& to, StepEffect& effect) {
  ++effect.pairs;
  if (from.reason == InfeasibleReason::kOverMaxArea ||
      to.reason == InfeasibleReason::kOverMaxArea) {
    ++effect.left_out;
    return false;
  }
  const bool both = from.feasible() && to.feasible();
  effect.compared += both;
  effect.only_from_runs += from.feasible() && !to.feasible();
  effect.only_to_runs += !from.feasible() && to.feasible();
  effect.neither_runs += !from.feasible() && !to.feasible();
  return both;
}

/// Fills in a change whose decision and choices are set. `stride` is how far apart in the space
/// two configurations are that differ by one in the decision, which has `choices` of them.
void measure(StepEffect& effect, const std::vector<Costs>& points, std::uint64_t stride,
             std::uint64_t choices) {
  std::vector<std::vector<double>> ratios(ratio_figures().size());
  for (std::uint64_t first = 0; first < points.size(); first += stride * choices) {
    for (std::uint64_t rest = 0; rest < stride; ++rest) {
      const Costs& from = points[first + rest + effect.from * stride];
      const Costs& to = points[first + rest + effect.to * stride];
      if (!count_pair(from, to, effect)) continue;
      count_latency(to.latency_ms / from.latency_ms, effect);
      for (std::size_t f = 0; f < ratios.size(); ++f) {
        const Figure& figure = *ratio_figures()[f];
        ratios[f].push_back(figure.of(to) / figure.of(from));
      }
    }
  }
  for (const std::vector<double>& of_figure : ratios) {
    effect.ratios.push_back(spread_of(of_figure));
  }
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? Costs::kUnknown
                    : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent_cell(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f}", percent(part, whole));
}

std::string ratio_cell(double ratio) {
  return std::isnan(ratio) ? "-" : fmt::format("{:.3f}", ratio);
}

}  // namespace

std::span<const Figure* const> ratio_figures() {
  static const std::array<const Figure*, 3> kRatioFigures{
      &find_figure("latency_ms"), &find_figure("energy_mj"), &find_figure("area_mm2")};
  return kRatioFigures;
}

std::string StepEffect::name(const DesignSpace& space) const {
  const std::vector<std::string>& choices = space.decisions()[decision].choices;
  return fmt::format("{} -> {}", choices[from], choices[to]);
}

std::vector<StepEffect> sensitivity(const std::vector<Costs>& points, const DesignSpace& space) {
  std::vector<StepEffect> effects;
  std::uint64_t stride = points.size();
  for (std::size_t d = 0; d < space.decisions().size(); ++d) {
    const std::size_t choices = space.decisions()[d].choices.size();
    stride /= choices;
    const auto add = [&](std::size_t from, std::size_t to) {
      StepEffect& effect = effects.emplace_back();
      effect.decision = d;
      effect.from = from;
      effect.to = to;
      measure(effect, points, stride, choices);
    };
    for (std::size_t to = 1; to < choices; ++to) add(to - 1, to);
    if (choices > 2) add(0, choices - 1);
  }
  return effects;
}

std::string sensitivity_csv(const std::vector<Exploration>& explorations, const DesignSpace& space,
                            const ExploreOptions& options) {
  CsvWriter csv = exploration_writer("dovetail.sensitivity/1", space, options);
  std::vector<CsvColumn> columns{
      {"network"},  {"parameter"},      {"from"},         {"to"},           {"steps"},   {"pairs"},
      {"compared"}, {"only_from_runs"}, {"only_to_runs"}, {"neither_runs"}, {"left_out"}};
  for (const Figure* figure : ratio_figures()) {
    for (const char* which : {"best", "first_quartile", "median", "third_quartile", "worst"}) {
      columns.push_back({fmt::format("{}_ratio_{}", figure->key, which)});
    }
  }
  for (const char* share : {"unchanged", "faster_1", "faster_2", "slower"}) {
    columns.push_back({fmt::format("{}_percent", share), "%"});
  }
  csv.header(columns);
  for (const Exploration& exploration : explorations) {
    for (const StepEffect& e : sensitivity(exploration.points, space)) {
      const Decision& decision = space.decisions()[e.decision];
      csv.cell(exploration.network).cell(decision.name);
      csv.cell(decision.choices[e.from]).cell(decision.choices[e.to]).cell(e.to - e.from);
      csv.cell(e.pairs).cell(e.compared);
      csv.cell(e.only_from_runs).cell(e.only_to_runs).cell(e.neither_runs).cell(e.left_out);
      for (const RatioSpread& r : e.ratios) {
        csv.cell(r.best).cell(r.first_quartile).cell(r.median).cell(r.third_quartile).cell(r.worst);
      }
      for (const std::uint64_t part :
           {e.unchanged, e.faster_1_percent, e.faster_2_percent, e.slower}) {
        csv.cell(percent(part, e.compared));
      }
      csv.end_row();
    }
  }
  return csv.text();
}

std::string sensitivity_table(const Exploration& exploration, const DesignSpace& space) {
  constexpr auto kLeft = Table::Align::kLeft;
  Table table({{"parameter", kLeft},
               {"step", kLeft},
               {"latency: quartile"},
               {"median"},
               {"quartile"},
               {"worst"},
               {"energy: median"},
               {"worst"},
               {"area: median"},
               {"same latency [%]"},
               {"> 1 % faster"},
               {"> 2 % faster"},
               {"> 0.1 % slower"},
               {"not compared"}});
  std::size_t shown = 0;  // the decision of the row before
  bool first = true;
  for (const StepEffect& e : sensitivity(exploration.points, space)) {
    const bool same = !first && e.decision == shown;
    if (!first && !same) table.add_rule();
    const RatioSpread &latency = e.ratios[0], &energy = e.ratios[1], &area = e.ratios[2];
    table.add_row(
        {same ? "" : space.decisions()[e.decision].name, e.name(space),
         ratio_cell(latency.first_quartile), ratio_cell(latency.median),
         ratio_cell(latency.third_quartile), ratio_cell(latency.worst), ratio_cell(energy.median),
         ratio_cell(energy.worst), ratio_cell(area.median), percent_cell(e.unchanged, e.compared),
         percent_cell(e.faster_1_percent, e.compared), percent_cell(e.faster_2_percent, e.compared),
         percent_cell(e.slower, e.compared), percent_cell(e.pairs - e.compared, e.pairs)});
    shown = e.decision;
    first = false;
  }
  return fmt::format(
      "{}: a change of one parameter, all else equal, over the whole space\n"
      "Ratios of the figure after it to that before; shares of the pairs on which the network runs "
      "both times.\n\n{}",
      exploration.network, table.str());
}

}  // namespace dovetail
