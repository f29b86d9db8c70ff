#include "cost/figures/figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/text/error.h"
#include "base/text/text.h"
#include "cost/figures/set_figures.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

using Accuracy = AccuracyEstimate;

/// A figure that is a number of Costs, in both directions.
template <double Costs::*kMember>
double get(const Costs& costs, const Accuracy&) {
  return costs.*kMember;
}
template <double Costs::*kMember>
void set(double value, Costs& costs, Accuracy&) {
  costs.*kMember = value;
}

/// What follows from others is of each pair of a set, and not of the worst of the others.
double worst_of_set(const Costs& costs, const std::string& key, double of_one) {
  if (costs.of_set.empty()) return of_one;
  const auto worst = costs.of_set.find(key + "_max");
  return worst == costs.of_set.end() ? Costs::kUnknown : worst->second;
}

using enum FigureKind;
constexpr bool kMore = true, kLess = false;                // is better
constexpr bool kPredicted = true, kSimulatedOnly = false;  // where it is known
constexpr bool kAlways = true, kIfFeasible = false;

std::vector<Figure> make_figures() {
  return {
      {"top1_percent", "top-1", "%", "top-1 accuracy that the accuracy source gives", kMetric,
       kMore, kPredicted, kIfFeasible, 2,
       [](const Costs&, const Accuracy& a) { return a.top1_percent; },
       [](double value, Costs&, Accuracy& a) { a.top1_percent = value; }},
      {"latency_ms", "latency", "ms", "time of one inference, batch 1", kMetric, kLess, kPredicted,
       kIfFeasible, 4, get<&Costs::latency_ms>, set<&Costs::latency_ms>},
      {"area_mm2", "area", "mm2", "silicon area of the accelerator", kMetric, kLess, kPredicted,
       kAlways, 1, get<&Costs::area_mm2>, set<&Costs::area_mm2>},
      {"energy_mj", "energy", "mJ", "energy of one inference, memory outside included", kMetric,
       kLess, kPredicted, kIfFeasible, 4, get<&Costs::energy_mj>, set<&Costs::energy_mj>},
      {"power_mw", "average power", "mW", "average power of an inference, memory outside included",
       kMetric, kLess, kPredicted, kIfFeasible, 1,
       [](const Costs& c, const Accuracy&) {
         return worst_of_set(c, "power_mw", average_power_mw(c.energy_mj, c.latency_ms));
       },
       nullptr},
      {"edp_mj_ms", "energy-delay product", "mJ ms", "energy-delay product of an inference",
       kMetric, kLess, kPredicted, kIfFeasible, 4,
       [](const Costs& c, const Accuracy&) {
         return worst_of_set(c, "edp_mj_ms", energy_delay_product(c.energy_mj, c.latency_ms));
       },
       nullptr},
      {"peak_local_memory_kib", "peak local memory", "KiB", "most local memory in use in a PE",
       kMetric, kLess, kSimulatedOnly, kIfFeasible, 1, get<&Costs::peak_local_memory_kib>,
       set<&Costs::peak_local_memory_kib>},
      {"cycles", "cycles", "cycles", "clock cycles of one inference", kCount, kLess, kSimulatedOnly,
       kIfFeasible, 0,
       [](const Costs& c, const Accuracy&) {
         return c.cycles < 0 ? Costs::kUnknown : static_cast<double>(c.cycles);
       },
       [](double value, Costs& c, Accuracy&) {
         c.cycles = std::isnan(value) ? -1 : std::llround(value);
       }},
  };
}

std::size_t count_metrics() {
  return static_cast<std::size_t>(
      std::count_if(figures().begin(), figures().end(),
                    [](const Figure& figure) { return figure.kind == FigureKind::kMetric; }));
}

const Figure& find(std::span<const Figure> rows, const char* kind, const std::string& key) {
  std::vector<std::string> known;
  for (const Figure& figure : rows) {
    if (figure.key == key) return figure;
    known.push_back(figure.key);
  }
  throw InputError(unknown_name(kind, key, known));
}

}  // namespace

std::span<const Figure> figures() {
  static const std::vector<Figure> kFigures = make_figures();
  return kFigures;
}

std::span<const Figure> metrics() {
  return figures().first(count_metrics());
}

std::span<const Figure> counts() {
  return figures().subspan(count_metrics());
}

const Figure& find_figure(const std::string& key) {
  return find(figures(), "figure", key);
}

const Figure& find_metric(const std::string& key) {
  if (is_set_key(key)) return set_metric(key);
  return find(metrics(), "metric", key);
}

std::span<const Figure* const> pair_figures() {
  static const std::array<const Figure*, 4> kPairFigures{
      &find_figure("latency_ms"), &find_figure("cycles"), &find_figure("area_mm2"),
      &find_figure("energy_mj")};
  return kPairFigures;
}

Costs pair_costs(const Costs& costs) {
  Costs kept;
  kept.reason = costs.reason;
  AccuracyEstimate none;
  for (const Figure* figure : pair_figures()) figure->set(figure->of(costs), kept, none);
  return kept;
}

}  // namespace dovetail
