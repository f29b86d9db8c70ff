#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "cost/surrogate/data/dataset.h"
#include "cost/surrogate/net/mlp.h"
#include "cost/surrogate/net/surrogate_impl.h"
#include "cost/surrogate/training/training_options.h"

namespace dovetail {

/// The training of one network, which can stop after any step and go on from its state.
class NetworkTraining {
 public:
  /// All that the steps to come depend on, besides data and options.
  struct State {
    std::size_t epochs = 0;  // done
    std::size_t steps = 0;   // done in the epoch after those
    AlignedVector<float> parameters;
    AdamW::Moments moments;
    std::size_t best_epoch = 0;  // counted from 1; 0: none yet
    double best_error = std::numeric_limits<double>::infinity();
    AlignedVector<float> best;  // parameters after that epoch; empty if none
  };

  /// Draws the first parameters of a member of `model`. `model`, `data`, `rows` (those to train on)
  /// and `options` must outlive this.
  NetworkTraining(Surrogate::Impl& model, std::size_t member, const Dataset& data,
                  const std::vector<std::size_t>& rows, const TrainingOptions& options);

  State state() const;
  /// Goes on from there. Throws std::invalid_argument if it is none of this training.
  void restore(State state);

  std::size_t epochs() const { return epochs_; }
  std::size_t best_epoch() const { return best_epoch_; }
  bool finished() const { return epochs_ == options_.epochs; }
  bool at_end_of_epoch() const { return steps_ == steps_per_epoch_; }
  /// One step on the next batch of the epoch, in the epoch's random order; the last batch may be
  /// smaller. Not at the end of an epoch.
  void step();
  /// Closes the epoch with the error that picks the best one.
  void end_epoch(double error);
  /// Leaves the best epoch's parameters in the model.
  void take_best();

 private:
  double learning_rate() const;
  CostBaseline baseline_of(std::size_t row) const;

  const Surrogate::Impl& model_;
  std::size_t member_;
  Mlp<float>& network_;
  const Dataset& data_;
  const std::vector<std::size_t>& rows_;
  std::vector<std::size_t> order_;  // of the rows in this epoch; empty before its first step
  const TrainingOptions& options_;
  std::size_t steps_per_epoch_;
  std::size_t epochs_ = 0, steps_ = 0, best_epoch_ = 0;  // as in State
  double best_error_ = std::numeric_limits<double>::infinity();
  AlignedVector<float> best_;
  AdamW adam_;
  std::vector<CostBaseline> baselines_;  // of each row of the data; empty in the plain form
  std::vector<float> inputs_, gradient_;
};

}  // namespace dovetail
