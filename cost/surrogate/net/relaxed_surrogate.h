#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// A surrogate as a function of the probabilities of choices, with its gradient by them.
///
/// Its network takes a one for each choice that is made; here it takes the probability of the
/// choice, for decisions of the network space times the chance that they have an effect (the
/// product of the probabilities that their guards allow), and for scaled values their mean. So it
/// is the surrogate itself at whole choices, and in between what its network makes of such inputs,
/// which it was not trained on; it is not the mean over pairs.
///
/// Probabilities: the choices of the network's decisions in turn, then those of the hardware's.
class RelaxedSurrogate {
 public:
  /// Throws InputError for a surrogate that was fine-tuned, whose network has further weights, and
  /// for one in the residual form, whose roofline is known at whole choices only.
  explicit RelaxedSurrogate(std::shared_ptr<const Surrogate> surrogate);
  ~RelaxedSurrogate();

  struct Value {
    double log_latency = 0;  // of ms; mean of the members
    double infeasible = 0;  // mean of log(1 + exp(-logit of "feasible")); 0 if that was not learned
  };
  /// Adds the derivative of latency_weight x log_latency + infeasible_weight x infeasible.
  Value add_gradient(std::span<const double> probabilities, double latency_weight,
                     double infeasible_weight, std::span<double> gradient);

  const Surrogate& surrogate() const { return *surrogate_; }

 private:
  struct Layers;
  std::shared_ptr<const Surrogate> surrogate_;
  std::unique_ptr<Layers> layers_;
};

}  // namespace dovetail
