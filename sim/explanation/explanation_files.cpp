#include "sim/explanation/explanation_files.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text/csv.h"
#include "base/text/version.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

/// The figures of a step, with their units; NaN where the network cannot run.
struct StepFigure {
  const char* key;
  const char* unit;
  double (*get)(const PairExplanation&, const Neighbour&);
};

/// The difference of a figure that both must have.
template <typename Get>
double difference(const PairExplanation& e, const Neighbour& n, Get get) {
  if (!e.result.feasible() || !n.result.feasible()) return std::nan("");
  return get(n.result) - get(e.result);
}

double if_feasible(const Neighbour& n, double figure) {
  return n.result.feasible() ? figure : std::nan("");
}

constexpr StepFigure kStepFigures[] = {
    {"latency_ms", "ms",
     [](const PairExplanation&, const Neighbour& n) {
       return if_feasible(n, n.result.latency_ms);
     }},
    {"latency_change_percent", "%",
     [](const PairExplanation& e, const Neighbour& n) {
       return change_percent(e.result.latency_ms, n.result.latency_ms).value_or(std::nan(""));
     }},
    {"layer_cycles", "cycles",
     [](const PairExplanation& e, const Neighbour& n) {
       return if_feasible(n, e.layer ? static_cast<double>(e.cycles_in(n.result)) : std::nan(""));
     }},
    {"layer_change_percent", "%",
     [](const PairExplanation& e, const Neighbour& n) {
       return e.layer ? e.change_percent_by(n).value_or(std::nan("")) : std::nan("");
     }},
    {"area_mm2", "mm2",
     [](const PairExplanation&, const Neighbour& n) { return n.result.area_mm2; }},
    {"area_change_mm2", "mm2",
     [](const PairExplanation& e, const Neighbour& n) {
       return n.result.area_mm2 - e.result.area_mm2;
     }},
    {"power_mw", "mW",
     [](const PairExplanation&, const Neighbour& n) { return if_feasible(n, power_mw(n.result)); }},
    {"power_change_mw", "mW",
     [](const PairExplanation& e, const Neighbour& n) { return difference(e, n, power_mw); }},
    {"energy_mj", "mJ",
     [](const PairExplanation&, const Neighbour& n) {
       return if_feasible(n, n.result.energy.total());
     }},
    {"energy_change_mj", "mJ",
     [](const PairExplanation& e, const Neighbour& n) {
       return difference(e, n, [](const SimulationResult& r) { return r.energy.total(); });
     }},
};

/// Counts are whole numbers.
bool is_count(const StepFigure& figure) {
  return std::string_view(figure.unit) == "cycles";
}

Json json_of(const StepFigure& figure, double value) {
  if (std::isnan(value)) return nullptr;
  return is_count(figure) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

void add_cell(CsvWriter& csv, const StepFigure& figure, double value) {
  if (is_count(figure) && !std::isnan(value)) {
    csv.cell(static_cast<std::int64_t>(value));
  } else {
    csv.cell(value);
  }
}

Json resource_json(const ResourceUse& use) {
  Json json;
  json["resource"] = use.resource;
  json["busy_cycles"] = use.busy_cycles;
  json["amount"] = use.amount;
  json["unit"] = use.unit;
  json["amount_per_cycle"] = use.per_cycle();
  json["at_most_per_cycle"] = use.most_per_cycle > 0 ? Json(use.most_per_cycle) : Json(nullptr);
  json["text"] = amount_text(use);
  return json;
}

Json step_json(const PairExplanation& e, const Neighbour& n) {
  Json json;
  json["parameter"] = n.parameter;
  json["unit"] = n.unit;
  json["from"] = n.from;
  json["to"] = n.to;
  json["direction"] = n.direction;
  json["feasible"] = n.result.feasible();
  if (!n.result.feasible()) {
    json["reason"] = to_string(n.result.reason);
    json["reason_text"] = n.result.reason_text;
  }
  for (const StepFigure& figure : kStepFigures)
    json[figure.key] = json_of(figure, figure.get(e, n));
  return json;
}

}  // namespace

std::string explanation_json(const PairExplanation& e) {
  Json json;
  json["schema"] = "dovetail.explanation/1";
  json["build"] = build_description();
  json["network"] = e.network;
  json["accelerator"] = e.accelerator.name;
  json["layer"] = e.layer ? Json(e.layer_name) : Json(nullptr);
  json["space"] = e.space;
  json["technology"] = e.technology;
  json["feasible"] = e.result.feasible();
  json["area_mm2"] = e.result.area_mm2;
  if (e.result.feasible()) {
    json["latency_ms"] = e.result.latency_ms;
    json["power_mw"] = power_mw(e.result);
    json["energy_mj"] = e.result.energy.total();
    json["cycles"] = e.window.cycles();
    json["bound"] = bound_sentence(e.uses.front(), e.window);
  } else {
    json["reason"] = to_string(e.result.reason);
    json["reason_text"] = e.result.reason_text;
  }
  json["resources"] = Json::array();
  for (const ResourceUse& use : e.uses) json["resources"].push_back(resource_json(use));
  json["steps"] = Json::array();
  for (const Neighbour& n : e.neighbours) json["steps"].push_back(step_json(e, n));
  return json.dump(2) + "\n";
}

std::string explanation_csv(const PairExplanation& e) {
  CsvWriter csv("dovetail.explanation_steps/1");
  csv.note("network", e.network);
  csv.note("accelerator", e.accelerator.name);
  if (e.layer) csv.note("layer", e.layer_name);
  csv.note("space", e.space);
  csv.note("technology", e.technology);
  std::vector<CsvColumn> columns{{"parameter"}, {"from"}, {"to"}, {"direction"}};
  for (const StepFigure& figure : kStepFigures) columns.push_back({figure.key, figure.unit});
  columns.push_back({"reason"});
  csv.header(columns);
  for (const Neighbour& n : e.neighbours) {
    csv.cell(n.parameter).cell(n.from).cell(n.to).cell(n.direction);
    for (const StepFigure& figure : kStepFigures) add_cell(csv, figure, figure.get(e, n));
    csv.cell(n.result.feasible() ? "" : to_string(n.result.reason));
    csv.end_row();
  }
  return csv.text();
}

}  // namespace dovetail
