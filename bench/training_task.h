#pragma once

#include <cstddef>
#include <vector>

namespace dovetail {

/// What both sides of the comparison of training speeds train on: the inputs of random pairs of
/// ofa_mbv3 x nahas_edge with invented costs. Plain C++17, since one side is.
struct TrainingTask {
  std::size_t rows = 0, inputs = 0, batch = 0;
  std::vector<std::size_t> hidden;
  std::vector<float> features;  // rows x inputs
  std::vector<float> targets;   // rows x 2: logarithms of latency and energy, scaled
  std::vector<float> feasible;  // rows: 0 or 1
  double latency_weight = 0, energy_weight = 0, learning_rate = 0, weight_decay = 0;
};

/// A training with libtorch that can be timed in pieces.
class TorchTraining {
 public:
  explicit TorchTraining(const TrainingTask& task);
  ~TorchTraining();
  TorchTraining(const TorchTraining&) = delete;
  TorchTraining& operator=(const TorchTraining&) = delete;

  void run(std::size_t steps);
  double last_loss() const;

 private:
  struct Impl;
  Impl* impl_;
};

/// Version, threads and the BLAS it is linked to, with that library's own name of its kernels.
const char* torch_description();

}  // namespace dovetail
