#include "sim/explanation/compared_pairs.h"

#include <fmt/core.h>

#include "base/text/csv.h"
#include "base/text/digits.h"
#include "base/text/grouped.h"
#include "base/text/table.h"
#include "sim/report.h"

namespace dovetail {
namespace {

constexpr auto kLeft = Table::Align::kLeft;

double power_mw(const SimulationResult& result) {
  return average_power_mw(result.energy.total(), result.latency_ms);
}

/// Clocks differ, so layers are compared in time.
double layer_us(const SimulationResult& result, std::int64_t cycles) {
  return 1000 * result.latency_ms * static_cast<double>(cycles) /
         static_cast<double>(result.cycles);
}

/// What takes most of the cycles, where that differs: "io -> compute".
std::string bounds_text(const CycleBreakdown& a, const CycleBreakdown& b) {
  const std::string first = bound_of(a), second = bound_of(b);
  return first == second ? first : first + " -> " + second;
}

}  // namespace

std::string pairs_table(std::span<const ComparedPair> pairs) {
  Table table({{"network", kLeft},
               {"accelerator", kLeft},
               {"latency_ms"},
               {"energy_mj"},
               {"power_mw"},
               {"area_mm2"},
               {"cycles"},
               {"most cycles", kLeft}});
  for (const ComparedPair& pair : pairs) {
    const SimulationResult& r = pair.result;
    const std::string area = digits_text(r.area_mm2, 1);
    if (!r.feasible()) {
      table.add_row({pair.network, pair.accelerator, "-", "-", "-", area, "-",
                     "infeasible: " + to_string(r.reason)});
      continue;
    }
    table.add_row({pair.network, pair.accelerator, digits_text(r.latency_ms, 4),
                   fmt::format("{:.4f}", r.energy.total()), fmt::format("{:.1f}", power_mw(r)),
                   area, grouped(r.cycles), bound_of(r.breakdown)});
  }
  return table.str();
}

std::string pairs_csv(std::span<const ComparedPair> pairs) {
  CsvWriter csv("dovetail.simulated_pairs/1");
  csv.header({{"network"},
              {"accelerator"},
              {"latency_ms", "ms"},
              {"energy_mj", "mJ"},
              {"power_mw", "mW"},
              {"area_mm2", "mm2"},
              {"cycles", "cycles"},
              {"macs"},
              {"bound"},
              {"reason"}});
  for (const ComparedPair& pair : pairs) {
    const SimulationResult& r = pair.result;
    csv.cell(pair.network).cell(pair.accelerator);
    if (r.feasible()) {
      csv.cell(r.latency_ms).cell(r.energy.total()).cell(power_mw(r)).cell(r.area_mm2);
      csv.cell(r.cycles).cell(r.macs).cell(bound_of(r.breakdown)).cell("");
    } else {
      csv.cell("").cell("").cell("").cell(r.area_mm2).cell("").cell("").cell("");
      csv.cell(to_string(r.reason));
    }
    csv.end_row();
  }
  return csv.text();
}

std::string layers_against_table(const ComparedPair& a, const ComparedPair& b) {
  if (!a.result.feasible() || !b.result.feasible()) return "";
  Table table({{"layer", kLeft},
               {"op", kLeft},
               {"A [us]"},
               {"B [us]"},
               {"B / A"},
               {"of the difference [%]"},
               {"most cycles", kLeft}});
  const double difference = b.result.latency_ms - a.result.latency_ms;
  const auto add = [&](const std::string& name, const std::string& op, double us_a, double us_b,
                       const CycleBreakdown& in_a, const CycleBreakdown& in_b) {
    const double share = difference == 0 ? 0 : (us_b - us_a) / (10 * difference);
    table.add_row({name, op, fmt::format("{:.2f}", us_a), fmt::format("{:.2f}", us_b),
                   fmt::format("{:.2f}", us_b / us_a), fmt::format("{:.1f}", share),
                   bounds_text(in_a, in_b)});
  };
  for (std::size_t i = 0; i < a.result.layers.size(); ++i) {
    const LayerResult &in_a = a.result.layers[i], &in_b = b.result.layers[i];
    add(in_a.name, in_a.op, layer_us(a.result, in_a.cycles), layer_us(b.result, in_b.cycles),
        in_a.breakdown, in_b.breakdown);
  }
  table.add_rule();
  add("total", "", 1000 * a.result.latency_ms, 1000 * b.result.latency_ms, a.result.breakdown,
      b.result.breakdown);
  return fmt::format("{}: A is {}, B is {}\n\n{}", a.network, a.accelerator, b.accelerator,
                     table.str());
}

}  // namespace dovetail
