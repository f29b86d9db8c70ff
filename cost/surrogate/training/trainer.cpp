#include "cost/surrogate/training/trainer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text/error.h"
#include "base/text/version.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/training_checkpoint.h"
#include "cost/surrogate/training/training_split.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// Fewer feasible rows than this leave parts of the split empty.
constexpr std::size_t kFewestFeasibleRows = 50;

/// Mean and standard deviation of the logarithm of a cost, as a multiple of its baseline, over the
/// rows that have it.
LogScaling log_scaling(const PredictedCost& cost, const Dataset& data,
                       const std::vector<std::size_t>& rows,
                       const std::vector<CostBaseline>& baselines) {
  double sum = 0, squares = 0, count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double value = cost.of(data.label(rows[i]));
    if (cost.baseline != nullptr) value /= baselines[i].*cost.baseline;
    if (!std::isfinite(value)) continue;
    value = std::log(value);
    sum += value;
    squares += value * value;
    ++count;
  }
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  return {mean, variance > 1e-12 ? std::sqrt(variance) : 1};
}

/// Of these rows, in their order.
std::vector<CostBaseline> baselines_of(const Surrogate::Impl& model, const Dataset& data,
                                       const std::vector<std::size_t>& rows) {
  std::vector<Choices> network, hardware;
  for (const std::size_t r : rows) {
    network.push_back(data.network(r));
    hardware.push_back(data.hardware(r));
  }
  return model.baselines(network, hardware);
}

/// Throws InputError unless the baseline is of the spaces of the data.
void require_baseline_of(const Dataset& data, const RooflineBaseline& baseline) {
  require_same_decisions(data.header().network.decisions, baseline.network_decisions(), "network",
                         "the roofline");
  require_same_decisions(data.header().hardware.decisions, baseline.hardware_decisions(),
                         "hardware", "the roofline");
}

void require_areas(const Dataset& data) {
  for (std::size_t r = 0; r < data.rows(); ++r) {
    if (data.label(r).area_mm2 > 0) continue;
    throw InputError(fmt::format("row {} has no area: an area head cannot be trained", r));
  }
}

std::size_t count_feasible(const Dataset& data, const std::vector<std::size_t>& rows) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [&](std::size_t r) { return data.label(r).feasible(); }));
}

TrainingSplit checked_split(const Dataset& data, const TrainingOptions& options) {
  TrainingSplit split = split_rows(data, options);
  for (const auto* part : {&split.train, &split.validation, &split.held_out}) {
    if (data.feasible_rows() < kFewestFeasibleRows || count_feasible(data, *part) == 0) {
      throw InputError(
          fmt::format("{} rows, {} of them feasible, are too few to train on; {} "
                      "feasible rows or more are needed",
                      data.rows(), data.feasible_rows(), kFewestFeasibleRows));
    }
  }
  return split;
}

/// Errors of the ensemble and of its members on the held-out part.
void measure(const Surrogate& model, const Dataset& data, const std::vector<std::size_t>& rows,
             TrainingReport& report) {
  const auto predictions = predict_rows(model, data, rows);
  report.errors = measure_errors(data, rows, predictions);
  report.uncertainty = calibrate_uncertainty(data, rows, predictions);
  const std::vector<Mlp<float>>& members = model.impl().members;
  for (const Mlp<float>& member : members) {
    const auto alone = predict_rows(model.impl(), std::span(&member, 1), data, rows);
    report.member_mape_percent +=
        measure_errors(data, rows, alone).mean_mape_percent() / static_cast<double>(members.size());
  }
}

std::vector<std::size_t> best_epochs(const TrainingReport& report) {
  std::vector<std::size_t> epochs;
  for (const MemberOutcome& member : report.members) epochs.push_back(member.best_epoch);
  return epochs;
}

}  // namespace

double TrainingReport::seconds() const {
  double sum = 0;
  for (const MemberOutcome& member : members) sum += member.seconds;
  return sum;
}

std::string TrainingReport::to_json(const TrainingOptions& options, bool with_time) const {
  json node = {
      {"schema", "dovetail.training_report/3"},
      {"build", build_description()},
      {"data", {{"fingerprint", fingerprint}, {"rows", rows}, {"feasible", feasible_rows}}},
      {"split",
       {{"seed", options.seed},
        {"train", train},
        {"validation", validation},
        {"held_out", held_out}}},
      {"options", json::parse(to_json_text(options))},
      {"best_epochs", best_epochs(*this)},
      {"held_out_errors", json::parse(to_json_text(errors, knows_feasibility))}};
  if (members.size() > 1) {
    node["held_out_mape_percent_of_one_member"] = member_mape_percent;
    node["held_out_uncertainty"] = json::parse(to_json_text(uncertainty));
  }
  if (!knows_feasibility) {
    node["note"] =
        "the data has no infeasible pair: feasibility was not learned and is answered with 1";
  }
  if (with_time) node["training_seconds"] = seconds();
  return node.dump(1) + "\n";
}

TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingControl& control) {
  options.validate();
  if (options.baseline) require_baseline_of(data, *options.baseline);
  const TrainingSplit split = checked_split(data, options);
  auto owned =
      std::make_unique<Surrogate::Impl>(data.header().network, data.header().hardware,
                                        options.hidden, options.ensemble, options.area_head);
  Surrogate::Impl& impl = *owned;
  impl.technology = data.header().technology;
  impl.baseline = options.baseline;
  const std::vector<CostBaseline> baselines = baselines_of(impl, data, split.train);
  impl.knows_feasibility = count_feasible(data, split.train) < split.train.size();
  if (options.area_head) {
    require_areas(data);
    impl.area_scaling = log_scaling(area_cost(), data, split.train, baselines);
  }
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    impl.scaling[c] = log_scaling(predicted_costs()[c], data, split.train, baselines);
  }

  TrainingReport report;
  report.members = train_members(impl, data, split, options, control);
  Surrogate model(std::move(owned));
  report.fingerprint = data.fingerprint();
  report.rows = data.rows();
  report.feasible_rows = data.feasible_rows();
  report.train = split.train.size();
  report.validation = split.validation.size();
  report.held_out = split.held_out.size();
  report.knows_feasibility = impl.knows_feasibility;
  measure(model, data, split.held_out, report);
  impl.report = report.to_json(options, false);
  return {std::move(model), report};
}

void require_trained_with(const Surrogate& model, const Dataset& data,
                          const TrainingOptions& options, const std::string& file) {
  const json report = json::parse(model.report());
  const json data_of_report = report.value("data", json::object());
  const TrainingIdentity trained{data_of_report.value("fingerprint", ""), report.value("build", ""),
                                 report.value("options", json::object()).dump()};
  require_same_training(identity_of(data, options), trained, file);
}

}  // namespace dovetail
