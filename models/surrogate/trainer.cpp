#include "models/surrogate/trainer.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "models/surrogate/mlp.h"
#include "models/surrogate/predicted_cost.h"
#include "models/surrogate/surrogate_impl.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;

/// Fewer feasible rows than this leave parts of the split empty.
constexpr std::size_t kFewestFeasibleRows = 50;

// Streams of TrainingOptions::seed.
enum Stream : std::uint64_t { kSplitStream, kInitialStream, kOrderStream, kDropoutStream };

void shuffle(std::vector<std::size_t>& values, Rng& rng) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.index(i)]);
}

struct Split {
  std::vector<std::size_t> train, validation, held_out;  // rows of the data set
};

/// Shuffles the distinct pairs and deals them out, so that equal pairs stay together.
Split split_rows(const Dataset& data, const TrainingOptions& options) {
  std::map<std::pair<Choices, Choices>, std::vector<std::size_t>> rows_of_pair;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    rows_of_pair[{data.network(r), data.hardware(r)}].push_back(r);
  }
  std::vector<const std::vector<std::size_t>*> groups;
  for (const auto& [pair, rows] : rows_of_pair) groups.push_back(&rows);
  std::sort(groups.begin(), groups.end(), [](auto* a, auto* b) { return a->front() < b->front(); });
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(options.seed, kSplitStream);
  shuffle(order, rng);

  const auto share = [&](double fraction) {
    return static_cast<std::size_t>(std::lround(fraction * static_cast<double>(groups.size())));
  };
  const std::size_t held_out = share(options.held_out_fraction);
  const std::size_t validation = held_out + share(options.validation_fraction);
  Split split;
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto& part = i < held_out ? split.held_out : i < validation ? split.validation : split.train;
    const auto& rows = *groups[order[i]];
    part.insert(part.end(), rows.begin(), rows.end());
  }
  return split;
}

/// Mean and standard deviation of the logarithm of a cost over feasible rows.
LogScaling log_scaling(const PredictedCost& cost, const Dataset& data,
                       const std::vector<std::size_t>& rows) {
  double sum = 0, squares = 0, count = 0;
  for (const std::size_t r : rows) {
    if (!data.label(r).feasible()) continue;
    const double value = std::log(data.label(r).*cost.label);
    sum += value;
    squares += value * value;
    ++count;
  }
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  return {mean, variance > 1e-12 ? std::sqrt(variance) : 1};
}

/// Inputs of some rows, row-major.
void encode_rows(const Surrogate::Impl& model, const Dataset& data,
                 std::span<const std::size_t> rows, std::vector<float>& inputs) {
  const std::size_t width = model.encoder.width();
  inputs.resize(rows.size() * width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    model.encoder.encode(data.network(rows[i]), data.hardware(rows[i]), inputs.data() + i * width);
  }
}

/// Of the parts of the loss, in the order of predicted_costs().
std::array<double, kPredictedCosts> cost_weights(const TrainingOptions& options) {
  return {options.latency_weight, options.energy_weight};
}

/// Derivative of one row's loss by the outputs. The loss is
///   the sum over the costs of weight * (output - target)^2, feasible rows only
///   + cross-entropy of the feasibility logit, if feasibility can be learned
void row_gradient(const Surrogate::Impl& model, const Label& label,
                  const std::array<double, kPredictedCosts>& weights, const float* outputs,
                  float* gradient) {
  std::fill(gradient, gradient + kCostHeads, 0.0F);
  for (std::size_t c = 0; c < kPredictedCosts && label.feasible(); ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    const double target = model.scaling[c].target(label.*cost.label);
    const double error = static_cast<double>(outputs[c]) - target;
    gradient[c] = static_cast<float>(2 * weights[c] * error);
  }
  if (model.knows_feasibility) {
    const double logit = static_cast<double>(outputs[kFeasibilityHead]);
    const double probability = 1 / (1 + std::exp(-logit));
    gradient[kFeasibilityHead] = static_cast<float>(probability - (label.feasible() ? 1 : 0));
  }
}

class Trainer {
 public:
  Trainer(Surrogate::Impl& model, const Dataset& data, const TrainingOptions& options)
      : model_(model),
        data_(data),
        options_(options),
        adam_(model.mlp.parameters().size(), options.weight_decay),
        order_rng_(options.seed, kOrderStream),
        dropout_rng_(options.seed, kDropoutStream) {
    Rng rng(options.seed, kInitialStream);
    // Small first outputs: training starts from "mean latency, even odds".
    model_.mlp.initialize(rng, 0.1);
  }

  /// One pass over the rows in random order. Batches are full but for the last one.
  void run_epoch(std::vector<std::size_t> rows, std::size_t epoch) {
    shuffle(rows, order_rng_);
    const std::size_t batches = (rows.size() + options_.batch - 1) / options_.batch;
    for (std::size_t b = 0; b < batches; ++b) {
      const std::size_t begin = b * options_.batch;
      const std::size_t count = std::min(options_.batch, rows.size() - begin);
      const double done =
          static_cast<double>(epoch * batches + b) / static_cast<double>(options_.epochs * batches);
      step(std::span(rows).subspan(begin, count), learning_rate(done));
    }
  }

 private:
  /// Half a cosine from the full rate to the final share of it.
  double learning_rate(double done) const {
    const double low = options_.final_learning_rate_share;
    const double cosine = (1 + std::cos(std::numbers::pi * done)) / 2;
    return options_.learning_rate * (low + (1 - low) * cosine);
  }

  void step(std::span<const std::size_t> rows, double rate) {
    encode_rows(model_, data_, rows, inputs_);
    const auto outputs = model_.mlp.forward(inputs_, rows.size(), options_.dropout, dropout_rng_);
    gradient_.resize(rows.size() * kCostHeads);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      row_gradient(model_, data_.label(rows[i]), cost_weights(options_),
                   outputs.data() + i * kCostHeads, gradient_.data() + i * kCostHeads);
    }
    for (float& g : gradient_) g /= static_cast<float>(rows.size());
    adam_.step(model_.mlp.parameters(), model_.mlp.backward(gradient_), rate);
  }

  Surrogate::Impl& model_;
  const Dataset& data_;
  const TrainingOptions& options_;
  Adam adam_;
  Rng order_rng_, dropout_rng_;
  std::vector<float> inputs_, gradient_;
};

SurrogateErrors errors_on(const Surrogate& model, const Dataset& data,
                          const std::vector<std::size_t>& rows) {
  return measure_errors(data, rows, predict_rows(model, data, rows));
}

/// Trains `model`, leaves the best epoch's parameters in it and returns that epoch (from 1).
std::size_t train_epochs(Surrogate& model, Surrogate::Impl& impl, const Dataset& data,
                         const Split& split, const TrainingOptions& options,
                         const TrainingProgress& progress) {
  Trainer trainer(impl, data, options);
  std::vector<float> best;
  double best_mape = 0;
  std::size_t best_epoch = 0;
  for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
    trainer.run_epoch(split.train, epoch);
    const SurrogateErrors errors = errors_on(model, data, split.validation);
    const double mape = errors.mean_mape_percent();
    if (!std::isfinite(mape)) {
      throw RunError(
          fmt::format("training diverged in epoch {}; lower the learning rate", epoch + 1));
    }
    if (best.empty() || mape < best_mape) {
      best_mape = mape;
      best_epoch = epoch + 1;
      best.assign(impl.mlp.parameters().begin(), impl.mlp.parameters().end());
    }
    if (progress && !progress(epoch + 1, errors)) {
      throw RunError(
          fmt::format("training stopped after epoch {} of {}", epoch + 1, options.epochs));
    }
  }
  std::copy(best.begin(), best.end(), impl.mlp.parameters().begin());
  return best_epoch;
}

std::size_t count_feasible(const Dataset& data, const std::vector<std::size_t>& rows) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [&](std::size_t r) { return data.label(r).feasible(); }));
}

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json errors_to_json(const SurrogateErrors& errors, bool knows_feasibility) {
  json node;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const RegressionMetrics& m = errors.costs[c];
    node[predicted_costs()[c].name] = {{"pairs", m.count},
                                       {"unit", predicted_costs()[c].unit},
                                       {"mape_percent", number_or_null(m.mape_percent)},
                                       {"p95_percent", number_or_null(m.p95_percent)},
                                       {"max_percent", number_or_null(m.max_percent)},
                                       {"rmse", number_or_null(m.rmse)},
                                       {"r2", number_or_null(m.r2)},
                                       {"kendall_tau", number_or_null(m.kendall_tau)}};
  }
  if (!knows_feasibility) {
    node["infeasible"] = nullptr;
    return node;
  }
  const DetectionMetrics& d = errors.infeasible;
  node["infeasible"] = {{"precision", number_or_null(d.precision())},
                        {"recall", number_or_null(d.recall())},
                        {"f1", number_or_null(d.f1())},
                        {"true_positive", d.true_positive},
                        {"false_positive", d.false_positive},
                        {"false_negative", d.false_negative},
                        {"true_negative", d.true_negative}};
  return node;
}

}  // namespace

void TrainingOptions::validate() const {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("training: " + what);
  };
  require(epochs >= 1, "epochs must be at least 1");
  require(batch >= 1, "batch must be at least 1");
  require(std::all_of(hidden.begin(), hidden.end(), [](std::size_t h) { return h >= 1; }),
          "hidden layers must have at least one unit");
  require(learning_rate > 0 && learning_rate <= 1, "learning rate must be in (0, 1]");
  require(weight_decay >= 0 && weight_decay * learning_rate < 1,
          "weight decay must be at least 0 and below 1 / learning rate");
  require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1)");
  require(latency_weight > 0, "latency weight must be positive");
  require(energy_weight > 0, "energy weight must be positive");
  require(validation_fraction > 0 && held_out_fraction > 0 &&
              validation_fraction + held_out_fraction < 1,
          "validation and held-out fractions must be positive and leave something to train on");
}

double SurrogateErrors::mean_mape_percent() const {
  double sum = 0;
  for (const RegressionMetrics& cost : costs) sum += cost.mape_percent;
  return sum / static_cast<double>(costs.size());
}

std::string SurrogateErrors::summary() const {
  std::vector<std::string> parts;
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    parts.push_back(
        fmt::format("{} error {:.2f} %", predicted_costs()[c].name, costs[c].mape_percent));
  }
  return join(parts);
}

std::string to_json_text(const SurrogateErrors& errors, bool knows_feasibility) {
  return errors_to_json(errors, knows_feasibility).dump();
}

std::string TrainingReport::to_json(const TrainingOptions& options, bool with_time) const {
  json node = {
      {"schema", "dovetail.training_report/2"},
      {"build", build_description()},
      {"data", {{"fingerprint", fingerprint}, {"rows", rows}, {"feasible", feasible_rows}}},
      {"split",
       {{"seed", options.seed},
        {"train", train},
        {"validation", validation},
        {"held_out", held_out}}},
      {"options",
       {{"epochs", options.epochs},
        {"hidden", options.hidden},
        {"batch", options.batch},
        {"learning_rate", options.learning_rate},
        {"weight_decay", options.weight_decay},
        {"dropout", options.dropout},
        {"latency_weight", options.latency_weight},
        {"energy_weight", options.energy_weight}}},
      {"best_epoch", best_epoch},
      {"held_out_errors", errors_to_json(errors, knows_feasibility)}};
  if (!knows_feasibility) {
    node["note"] =
        "the data has no infeasible pair: feasibility was not learned and is answered with 1";
  }
  if (with_time) node["training_seconds"] = seconds;
  return node.dump(1) + "\n";
}

std::vector<CostPrediction> predict_rows(const Surrogate& model, const Dataset& data,
                                         std::span<const std::size_t> rows) {
  std::vector<Choices> network, hardware;
  for (const std::size_t r : rows) {
    network.push_back(data.network(r));
    hardware.push_back(data.hardware(r));
  }
  return model.predict(network, hardware);
}

SurrogateErrors measure_errors(const Dataset& data, std::span<const std::size_t> rows,
                               std::span<const CostPrediction> predictions) {
  SurrogateErrors errors;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    errors.infeasible.add(!data.label(rows[i]).feasible(),
                          predictions[i].feasible_probability < 0.5);
  }
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    std::vector<double> truth, predicted;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Label& label = data.label(rows[i]);
      if (!label.feasible()) continue;
      truth.push_back(label.*cost.label);
      predicted.push_back(predictions[i].*cost.prediction);
    }
    errors.costs[c] = regression_metrics(truth, predicted);
  }
  return errors;
}

TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingProgress& progress) {
  options.validate();
  const auto start = std::chrono::steady_clock::now();
  const Split split = split_rows(data, options);
  for (const auto* part : {&split.train, &split.validation, &split.held_out}) {
    if (data.feasible_rows() < kFewestFeasibleRows || count_feasible(data, *part) == 0) {
      throw InputError(
          fmt::format("{} rows, {} of them feasible, are too few to train on; {} "
                      "feasible rows or more are needed",
                      data.rows(), data.feasible_rows(), kFewestFeasibleRows));
    }
  }
  auto owned = std::make_unique<Surrogate::Impl>(data.header().network, data.header().hardware,
                                                 options.hidden);
  Surrogate::Impl& impl = *owned;
  impl.knows_feasibility = count_feasible(data, split.train) < split.train.size();
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    impl.scaling[c] = log_scaling(predicted_costs()[c], data, split.train);
  }
  Surrogate model(std::move(owned));

  TrainingReport report;
  report.best_epoch = train_epochs(model, impl, data, split, options, progress);
  report.fingerprint = data.fingerprint();
  report.rows = data.rows();
  report.feasible_rows = data.feasible_rows();
  report.train = split.train.size();
  report.validation = split.validation.size();
  report.held_out = split.held_out.size();
  report.knows_feasibility = impl.knows_feasibility;
  report.errors = errors_on(model, data, split.held_out);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  impl.report = report.to_json(options, false);
  return {std::move(model), report};
}

}  // namespace dovetail
