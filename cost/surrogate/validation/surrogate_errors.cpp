#include "cost/surrogate/validation/surrogate_errors.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text/text.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json to_json(const PredictedCost& cost, const RegressionMetrics& m) {
  return {{"pairs", m.count},
          {"unit", cost.figure->unit},
          {"mape_percent", number_or_null(m.mape_percent)},
          {"p95_percent", number_or_null(m.p95_percent)},
          {"max_percent", number_or_null(m.max_percent)},
          {"rmse", number_or_null(m.rmse)},
          {"r2", number_or_null(m.r2)},
          {"kendall_tau", number_or_null(m.kendall_tau)}};
}

}  // namespace

double SurrogateErrors::mean_mape_percent() const {
  double sum = 0;
  for (const RegressionMetrics& cost : costs) sum += cost.mape_percent;
  return sum / static_cast<double>(costs.size());
}

std::string SurrogateErrors::summary() const {
  std::vector<std::string> parts;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    parts.push_back(
        fmt::format("{} error {:.2f} %", predicted_costs()[c].figure->name, costs[c].mape_percent));
  }
  return join(parts);
}

namespace {

std::vector<CostPrediction> predict_rows_packed(const Surrogate::Impl& model,
                                                std::span<const PackedMlp> members,
                                                const Dataset& data,
                                                std::span<const std::size_t> rows) {
  std::vector<Choices> network, hardware;
  for (const std::size_t r : rows) {
    network.push_back(data.network(r));
    hardware.push_back(data.hardware(r));
  }
  return model.predict(members, network, hardware);
}

}  // namespace

std::vector<CostPrediction> predict_rows(const Surrogate& model, const Dataset& data,
                                         std::span<const std::size_t> rows) {
  return predict_rows_packed(model.impl(), model.impl().packed, data, rows);
}

std::vector<CostPrediction> predict_rows(const Surrogate::Impl& model,
                                         std::span<const Mlp<float>> members, const Dataset& data,
                                         std::span<const std::size_t> rows) {
  return predict_rows_packed(model, model.pack(members), data, rows);
}

SurrogateErrors measure_errors(const Dataset& data, std::span<const std::size_t> rows,
                               std::span<const CostPrediction> predictions) {
  SurrogateErrors errors;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    errors.infeasible.add(!data.label(rows[i]).feasible(), !predictions[i].costs.feasible());
  }
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    std::vector<double> truth, predicted;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Costs& label = data.label(rows[i]);
      if (!label.feasible()) continue;
      truth.push_back(cost.of(label));
      predicted.push_back(cost.of(predictions[i].costs));
    }
    errors.costs[c] = regression_metrics(truth, predicted);
  }
  std::vector<double> truth, predicted;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!std::isfinite(predictions[i].costs.area_mm2)) continue;
    truth.push_back(data.label(rows[i]).area_mm2);
    predicted.push_back(predictions[i].costs.area_mm2);
  }
  errors.area = regression_metrics(truth, predicted);
  return errors;
}

std::string to_json_text(const SurrogateErrors& errors, bool knows_feasibility) {
  json node;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    node[predicted_costs()[c].figure->name] = to_json(predicted_costs()[c], errors.costs[c]);
  }
  if (errors.area.count > 0) node[area_cost().figure->name] = to_json(area_cost(), errors.area);
  if (!knows_feasibility) {
    node["infeasible"] = nullptr;
    return node.dump();
  }
  const DetectionMetrics& d = errors.infeasible;
  node["infeasible"] = {{"precision", number_or_null(d.precision())},
                        {"recall", number_or_null(d.recall())},
                        {"f1", number_or_null(d.f1())},
                        {"true_positive", d.true_positive},
                        {"false_positive", d.false_positive},
                        {"false_negative", d.false_negative},
                        {"true_negative", d.true_negative}};
  return node.dump();
}

}  // namespace dovetail
