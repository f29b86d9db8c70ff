#pragma once

#include <span>
#include <vector>

#include "models/training/job/curve_stop.h"

namespace dovetail {

/// Successive halving without waiting (Li et al. 2020, "A System for Massively Parallel
/// Hyperparameter Tuning", algorithm 2, which never resumes what it did not promote): behind 1,
/// eta, eta^2, ... epochs a training goes on if it is in the best 1/eta of all that came there, and
/// if it is the best one while they are fewer than eta.
class HalvingRungs {
 public:
  static constexpr int kLeastEta = 2, kMostEta = 100;

  /// None is behind the last of `epochs`.
  HalvingRungs(int eta, int epochs);

  /// A training, whether it came to its end or not, by the validation accuracies behind its epochs.
  void learn(std::span<const double> percents);
  /// What the next training needs. Nothing where none has been.
  std::vector<Rung> of_next() const;

 private:
  struct Known {
    int epoch = 0;
    std::vector<double> percents;  // falling
  };

  int eta_;
  std::vector<Known> rungs_;
};

}  // namespace dovetail
