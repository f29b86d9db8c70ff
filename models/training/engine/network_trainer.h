#pragma once

#include <functional>
#include <vector>

#include "models/training/data/image_set.h"
#include "models/training/engine/image_tensors.h"
#include "models/training/engine/optimizer.h"
#include "models/training/engine/trainable_network.h"
#include "models/training/job/training_job.h"
#include "models/training/weights/tensor_file.h"

namespace dovetail {

/// Trains one network epoch by epoch. On one processor thread (use_one_thread()) the same job gives
/// the same numbers.
class NetworkTrainer {
 public:
  using OnStep = std::function<void(std::size_t step, std::size_t steps)>;

  /// The references must outlive it. Throws InputError for a network that does not read such images
  /// or does not tell so many classes apart.
  NetworkTrainer(const Network& network, const TrainingRecipe& recipe, const ImageData& data,
                 at::Device device);

  std::size_t epochs_done() const { return curve_.size(); }
  const std::vector<EpochRecord>& curve() const { return curve_; }
  NetworkWeights weights() const { return network_.weights(); }

  /// Trains one more epoch and validates. Throws RunError if the loss is not finite.
  void train_epoch(const OnStep& on_step);
  ImageScore score(const ImageSet& images) const;

  /// All that the next epoch depends on, and back. Throws InputError for the state of another
  /// network.
  TensorFile state() const;
  void restore(const TensorFile& state);

 private:
  double train_step(std::span<const std::uint32_t> positions, Rng* augmentation, double rate);

  const Network& described_;
  const TrainingRecipe& recipe_;
  const ImageData& data_;
  at::Device device_;
  TrainableNetwork network_;
  Optimizer optimizer_;
  ImageTensors images_;
  std::vector<EpochRecord> curve_;
};

}  // namespace dovetail
