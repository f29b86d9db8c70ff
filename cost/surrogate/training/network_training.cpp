#include "cost/surrogate/training/network_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "cost/surrogate/net/flush_denormals.h"
#include "cost/surrogate/net/predicted_cost.h"
#include "cost/surrogate/training/training_split.h"

namespace dovetail {
namespace {

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

/// As in NAHAS.
constexpr double kAreaWeight = 1;

/// Derivative of one row's loss by the outputs. The loss is
///   the sum over the costs of weight * (output - target)^2, feasible rows only
///   + cross-entropy of the feasibility logit, if feasibility can be learned
///   + (output - target)^2 of the area, if there is a head for it
void row_gradient(const Surrogate::Impl& model, const Costs& label, const CostBaseline& baseline,
                  const std::array<double, kPredictedCosts>& weights, const float* outputs,
                  float* gradient) {
  std::fill(gradient, gradient + model.heads(), 0.0F);
  for (std::size_t c = 0; c < kPredictedCosts && label.feasible(); ++c) {
    const PredictedCost& cost = predicted_costs()[c];
    const double target = model.scaling[c].target(cost.of(label) / baseline.*cost.baseline);
    const double error = static_cast<double>(outputs[c]) - target;
    gradient[c] = static_cast<float>(2 * weights[c] * error);
  }
  if (model.predicts_area()) {
    const double target = model.area_scaling.target(label.area_mm2);
    gradient[kAreaHead] =
        static_cast<float>(2 * kAreaWeight * (static_cast<double>(outputs[kAreaHead]) - target));
  }
  if (model.knows_feasibility) {
    const double logit = static_cast<double>(outputs[kFeasibilityHead]);
    const double probability = 1 / (1 + std::exp(-logit));
    gradient[kFeasibilityHead] = static_cast<float>(probability - (label.feasible() ? 1 : 0));
  }
}

}  // namespace

NetworkTraining::NetworkTraining(Surrogate::Impl& model, std::size_t member, const Dataset& data,
                                 const std::vector<std::size_t>& rows,
                                 const TrainingOptions& options)
    : model_(model),
      member_(member),
      network_(model.members.at(member)),
      data_(data),
      rows_(rows),
      options_(options),
      steps_per_epoch_((rows_.size() + options.batch - 1) / options.batch),
      adam_(network_.parameters().size(), options.weight_decay) {
  Rng rng(options.seed, training_stream(TrainingStream::kInitial, member_));
  // Small first outputs: training starts from "mean latency, even odds".
  network_.initialize(rng, 0.1);
  if (!model_.baseline) return;
  baselines_.resize(data_.rows());
  for (const std::size_t r : rows_) {
    const Choices network = data_.network(r), hardware = data_.hardware(r);
    baselines_[r] = model_.baselines({&network, 1}, {&hardware, 1}).front();
  }
}

CostBaseline NetworkTraining::baseline_of(std::size_t row) const {
  return baselines_.empty() ? CostBaseline() : baselines_[row];
}

NetworkTraining::State NetworkTraining::state() const {
  const std::span<const float> parameters = std::as_const(network_).parameters();
  return {epochs_,     steps_, {parameters.begin(), parameters.end()}, adam_.moments(), best_epoch_,
          best_error_, best_};
}

void NetworkTraining::restore(State state) {
  const std::span<float> parameters = network_.parameters();
  if (state.parameters.size() != parameters.size() || state.epochs > options_.epochs ||
      state.steps > steps_per_epoch_) {
    throw std::invalid_argument("NetworkTraining: state of another training");
  }
  std::copy(state.parameters.begin(), state.parameters.end(), parameters.begin());
  adam_.restore(std::move(state.moments));
  epochs_ = state.epochs;
  steps_ = state.steps;
  best_epoch_ = state.best_epoch;
  best_error_ = state.best_error;
  best_ = std::move(state.best);
  order_.clear();
}

/// Half a cosine from the full rate to the final share of it.
double NetworkTraining::learning_rate() const {
  const std::size_t done = epochs_ * steps_per_epoch_ + steps_;
  const auto all = static_cast<double>(options_.epochs * steps_per_epoch_);
  const double low = options_.final_learning_rate_share;
  const double cosine = (1 + std::cos(std::numbers::pi * static_cast<double>(done) / all)) / 2;
  return options_.learning_rate * (low + (1 - low) * cosine);
}

void NetworkTraining::step() {
  const FlushDenormals flush;
  if (order_.empty()) {
    order_ = rows_;
    Rng rng(options_.seed, training_stream(TrainingStream::kOrder, member_, epochs_));
    rng.shuffle(order_);
  }
  const std::size_t begin = steps_ * options_.batch;
  const auto rows =
      std::span(order_).subspan(begin, std::min(options_.batch, order_.size() - begin));
  encode_rows(model_, data_, rows, inputs_);
  const std::size_t step = epochs_ * steps_per_epoch_ + steps_;
  Rng dropout_rng(options_.seed, training_stream(TrainingStream::kDropout, member_, step));
  const auto outputs = network_.forward(inputs_, rows.size(), options_.dropout, dropout_rng);
  const std::size_t heads = model_.heads();
  gradient_.resize(rows.size() * heads);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    row_gradient(model_, data_.label(rows[i]), baseline_of(rows[i]), cost_weights(options_),
                 outputs.data() + i * heads, gradient_.data() + i * heads);
  }
  for (float& g : gradient_) g /= static_cast<float>(rows.size());
  adam_.step(network_.parameters(), network_.backward(gradient_), learning_rate());
  ++steps_;
}

void NetworkTraining::end_epoch(double error) {
  ++epochs_;
  steps_ = 0;
  order_.clear();
  if (best_epoch_ != 0 && error >= best_error_) return;
  best_error_ = error;
  best_epoch_ = epochs_;
  best_.assign(network_.parameters().begin(), network_.parameters().end());
}

void NetworkTraining::take_best() {
  std::copy(best_.begin(), best_.end(), network_.parameters().begin());
}

}  // namespace dovetail
