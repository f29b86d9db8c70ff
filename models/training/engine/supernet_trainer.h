#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/training/data/image_set.h"
#include "models/training/engine/image_tensors.h"
#include "models/training/engine/optimizer.h"
#include "models/training/engine/shared_weights.h"
#include "models/training/supernet/supernet_job.h"
#include "models/training/supernet/supernet_plan.h"
#include "models/training/weights/tensor_file.h"

namespace dovetail {

/// Trains a supernet step by step and measures its networks (SupernetProgram says what each is). On
/// one processor thread the same calls give the same numbers.
class SupernetTrainer {
 public:
  /// The references must outlive it. Throws InputError for networks that do not read such images.
  SupernetTrainer(const SupernetPlan& plan, const SupernetJob& job, const ImageData& data,
                  at::Device device);

  SupernetProgress progress() const;
  SupernetStep train(std::span<const Choices> networks);
  double score(const Choices& network, int batches);
  double measure(const Choices& network) const;

  /// All that the next call depends on, and back. Throws InputError for the state of another one.
  TensorFile state() const;
  void restore(const TensorFile& state);

 private:
  std::span<const std::uint32_t> next_training(std::size_t count);
  std::vector<std::uint32_t> next_validation(std::size_t count);

  const SupernetPlan& plan_;
  const SupernetJob& job_;
  const ImageData& data_;
  SharedWeights weights_;
  Optimizer optimizer_;
  ImageTensors training_, validation_;
  std::size_t steps_ = 0, scored_ = 0;  // steps done; validation images given out
  std::vector<std::uint32_t> order_;    // of the epoch under way
  std::size_t order_epoch_ = 0;
};

}  // namespace dovetail
