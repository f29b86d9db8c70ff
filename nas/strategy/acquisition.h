#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/numbers/random.h"
#include "nas/strategy/figure_models.h"

namespace dovetail {

/// What is gained by asking for a candidate, as far as the models tell. The gains of one
/// acquisition compare with one another only.
class Acquisition {
 public:
  virtual ~Acquisition() = default;
  /// Of candidate `i`, if it turns out to be acceptable; at least 0.
  virtual double gain(const Beliefs& beliefs, std::size_t i) const = 0;
  /// Candidate `i` is asked for: it counts as found, and the next of the batch is wanted.
  virtual void take(const Beliefs& beliefs, std::size_t i) = 0;
  /// Whether a gain counts only so far as the constraints hold.
  virtual bool needs_constraints() const { return true; }
};

/// Expected improvement over the best acceptable reward (Jones, Schonlau & Welch 1998).
std::unique_ptr<Acquisition> reward_improvement(double best);

/// Expected improvement of an augmented Tchebycheff function of the objectives with random weights,
/// new ones for each candidate of a batch (Knowles, "ParEGO", 2006).
std::unique_ptr<Acquisition> weighted_improvement(std::vector<std::vector<double>> front, Rng& rng);

/// While nothing is acceptable: by how much the sum of the excesses is expected to fall below the
/// least one found.
std::unique_ptr<Acquisition> violation_improvement(std::span<const ToldCandidate> told);

}  // namespace dovetail
