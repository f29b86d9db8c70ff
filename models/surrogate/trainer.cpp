#include "models/surrogate/trainer.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/version.h"
#include "models/surrogate/network_training.h"
#include "models/surrogate/predicted_cost.h"
#include "models/surrogate/surrogate_impl.h"
#include "models/surrogate/training_checkpoint.h"
#include "models/surrogate/training_split.h"

namespace dovetail {
namespace {

using json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// Fewer feasible rows than this leave parts of the split empty.
constexpr std::size_t kFewestFeasibleRows = 50;
/// Between two looks at the clock and at keep_going().
constexpr std::size_t kStepsTogether = 16;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
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

SurrogateErrors errors_on(const Surrogate& model, const Dataset& data,
                          const std::vector<std::size_t>& rows) {
  return measure_errors(data, rows, predict_rows(model, data, rows));
}

std::size_t count_feasible(const Dataset& data, const std::vector<std::size_t>& rows) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [&](std::size_t r) { return data.label(r).feasible(); }));
}

TrainingIdentity identity_of(const Dataset& data, const TrainingOptions& options) {
  return {data.fingerprint(), build_description(), to_json_text(options)};
}

/// Runs a training to its end, with checkpoints.
class Run {
 public:
  Run(NetworkTraining& training, TrainingIdentity identity, const TrainingControl& control,
      Clock::time_point start)
      : training_(training), identity_(std::move(identity)), control_(control), start_(start) {
    if (!control.checkpoint.file.empty() && identity_.fingerprint.empty()) {
      throw std::invalid_argument("a checkpoint wants a data set with a fingerprint");
    }
  }

  /// From the checkpoint, or with a first one: from then on it says whose files these are.
  void begin(std::size_t parameters) {
    const CheckpointOptions& options = control_.checkpoint;
    if (options.file.empty()) return;
    if (!options.resume || !std::filesystem::exists(options.file)) return save();
    TrainingCheckpoint checkpoint = load_checkpoint(options.file, identity_, parameters);
    seconds_before_ = checkpoint.seconds;
    training_.restore(std::move(checkpoint.state));
  }

  /// `validate` gives the errors on the validation part.
  template <typename Validate>
  void finish(std::size_t epochs, const Validate& validate) {
    while (!training_.finished()) {
      for (std::size_t i = 0; i < kStepsTogether && !training_.at_end_of_epoch(); ++i) {
        training_.step();
      }
      if (training_.at_end_of_epoch()) end_epoch(validate());
      if (control_.keep_going && !control_.keep_going()) stop(epochs);
      save_if_due();
    }
  }

  double seconds() const { return seconds_before_ + seconds_since(start_); }

 private:
  void end_epoch(const SurrogateErrors& errors) {
    const double mape = errors.mean_mape_percent();
    if (!std::isfinite(mape)) {
      throw RunError(fmt::format("training diverged in epoch {}; lower the learning rate",
                                 training_.epochs() + 1));
    }
    training_.end_epoch(mape);
    if (control_.on_epoch) control_.on_epoch(training_.epochs(), errors);
  }

  void save_if_due() {
    if (control_.checkpoint.file.empty()) return;
    if (seconds_since(last_saved_) >= control_.checkpoint.seconds) save();
  }

  void save() {
    save_checkpoint({identity_, seconds(), training_.state()}, control_.checkpoint.file);
    last_saved_ = Clock::now();
  }

  [[noreturn]] void stop(std::size_t epochs) {
    std::string message =
        fmt::format("training stopped after epoch {} of {}", training_.epochs(), epochs);
    if (!control_.checkpoint.file.empty()) {
      save();
      message += fmt::format("; its state is saved in {}", control_.checkpoint.file.string());
    }
    throw RunError(message);
  }

  NetworkTraining& training_;
  TrainingIdentity identity_;
  const TrainingControl& control_;
  Clock::time_point start_, last_saved_ = Clock::now();
  double seconds_before_ = 0;
};

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

}  // namespace

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
      {"options", json::parse(to_json_text(options))},
      {"best_epoch", best_epoch},
      {"held_out_errors", json::parse(to_json_text(errors, knows_feasibility))}};
  if (!knows_feasibility) {
    node["note"] =
        "the data has no infeasible pair: feasibility was not learned and is answered with 1";
  }
  if (with_time) node["training_seconds"] = seconds;
  return node.dump(1) + "\n";
}

TrainedSurrogate train_surrogate(const Dataset& data, const TrainingOptions& options,
                                 const TrainingControl& control) {
  options.validate();
  const auto start = Clock::now();
  const TrainingSplit split = checked_split(data, options);
  auto owned = std::make_unique<Surrogate::Impl>(data.header().network, data.header().hardware,
                                                 options.hidden);
  Surrogate::Impl& impl = *owned;
  impl.knows_feasibility = count_feasible(data, split.train) < split.train.size();
  for (std::size_t c = 0; c < kPredictedCosts; ++c) {
    impl.scaling[c] = log_scaling(predicted_costs()[c], data, split.train);
  }
  Surrogate model(std::move(owned));

  NetworkTraining training(impl, data, split.train, options);
  Run run(training, identity_of(data, options), control, start);
  run.begin(impl.mlp.parameters().size());
  run.finish(options.epochs, [&] { return errors_on(model, data, split.validation); });
  training.take_best();

  TrainingReport report;
  report.best_epoch = training.best_epoch();
  report.fingerprint = data.fingerprint();
  report.rows = data.rows();
  report.feasible_rows = data.feasible_rows();
  report.train = split.train.size();
  report.validation = split.validation.size();
  report.held_out = split.held_out.size();
  report.knows_feasibility = impl.knows_feasibility;
  report.errors = errors_on(model, data, split.held_out);
  report.seconds = run.seconds();
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
