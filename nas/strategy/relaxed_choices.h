#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "base/numbers/random.h"

namespace dovetail {

/// How choices become something with a gradient: what a search by gradients moves, where it asks
/// for the loss, and how the loss's gradient comes back. z are free parameters, p = softmax(z) of
/// each decision unless said otherwise. What the papers leave open is decided as it stands here.
enum class Relaxation {
  /// The loss at p itself (DARTS: Liu, Simonyan, Yang, ICLR 2019).
  kSoftmax,
  /// At softmax((z + g) / temperature), g drawn from Gumbel's distribution in each step, while the
  /// temperature falls exponentially (FBNet: Wu et al., CVPR 2019).
  kGumbel,
  /// Two choices of each decision are drawn by p, and one of the two by their share; the loss at
  /// it, and its gradient by the two alone, after which the other choices keep their probabilities
  /// (ProxylessNAS: Cai, Zhu, Han, ICLR 2019).
  kBinary,
  /// The loss at the largest p, its gradient as if it had been asked for at p (straight-through
  /// estimator: Bengio, Leonard, Courville 2013; thesis 6.2).
  kStraightThrough,
  /// An ordered decision takes the next choice with the sigmoid of a parameter, given that it took
  /// all before (Single-Path NAS, thesis 5.1, of thresholds); others are softmax.
  kSigmoid,
  /// p is multiplied by exp(-rate x gradient by p), without the softmax's derivative (XNAS: Nayman
  /// et al., NeurIPS 2019; without its wiping out of choices).
  kExponentiated,
};

/// All of them, in the order above.
std::span<const Relaxation> relaxations();
std::string to_string(Relaxation relaxation);
/// Throws InputError naming the known ones.
Relaxation relaxation_of_name(const std::string& name);

struct RelaxationOptions {
  std::size_t steps = 400;
  double learning_rate = 0.05;                           // of Adam, or of the exponentiated step
  double first_temperature = 5, last_temperature = 0.1;  // of kGumbel
  double initial_deviation = 0.1;                        // of the parameters, around 0
  std::uint64_t seed = 0;
};

/// Independent distributions of the choices of a space's decisions, moved by gradients. Where
/// probabilities are meant they stand as ChoiceFeatures numbers them.
class RelaxedChoices {
 public:
  virtual ~RelaxedChoices() = default;
  /// Where the loss is to be asked for in the next step.
  virtual std::span<const double> point() = 0;
  /// The step: `gradient` is the loss's derivative by the last point().
  virtual void move(std::span<const double> gradient) = 0;
  /// The distributions reached.
  virtual std::vector<double> probabilities() const = 0;
};

std::unique_ptr<RelaxedChoices> make_relaxed_choices(Relaxation relaxation,
                                                     const DecisionSpace& decisions,
                                                     const RelaxationOptions& options);

/// Adds a loss's derivative by each probability, at these, to `gradient`.
using AddGradient =
    std::function<void(std::span<const double> probabilities, std::span<double> gradient)>;

/// The distributions that a number of steps down a loss's gradient reach from near uniform ones.
std::vector<double> descend(Relaxation relaxation, const DecisionSpace& decisions,
                            const RelaxationOptions& options, const AddGradient& add_gradient);

/// Each decision's choice is drawn for itself.
Choices draw_choices(const DecisionSpace& decisions, std::span<const double> probabilities,
                     Rng& rng);
/// Each decision's likeliest choice, the first of equals.
Choices likeliest_choices(const DecisionSpace& decisions, std::span<const double> probabilities);

}  // namespace dovetail
