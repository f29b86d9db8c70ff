#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/numbers/random.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// Gives decision `i` another of its choices, uniformly; nothing if it has only one.
void change_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng);
/// The same, but an ordered decision moves by one step, up or down.
void step_choice(const DecisionSpace& space, Choices& choices, std::size_t i, Rng& rng);

/// Changes one decision, drawn uniformly among those that have an effect and a second choice.
void mutate_one(const SearchDomain& domain, Choices& choices, Rng& rng);
void step_one(const SearchDomain& domain, Choices& choices, Rng& rng);

/// Changes each decision with probability `rate`.
void mutate_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng);
void step_each(const DecisionSpace& space, Choices& choices, double rate, Rng& rng);

/// Takes each decision from one of the two parents with equal probability.
Choices uniform_crossover(const Choices& a, const Choices& b, Rng& rng);

/// The order of a tournament: constraints first, then the reward.
bool better_reward(const Outcome& a, const Outcome& b);

/// Position of the best of them in that order; there is at least one.
std::size_t best_position(std::span<const Outcome> outcomes);

/// Draws until a candidate is not known to violate a constraint, a thousand times at most; then
/// walks from the best drawn towards less violation; where that leads nowhere it is the best drawn.
/// For policies, which may ask for a candidate again.
Choices draw_within_limits(const SearchDomain& domain, const std::function<Choices()>& draw,
                           Rng& rng);

/// Remembers candidates, so that none is paid for twice, and keeps away from what is known
/// beforehand to violate a constraint.
class SeenCandidates {
 public:
  /// With `look_ahead` false nothing counts as known to violate.
  explicit SeenCandidates(const SearchDomain& domain, bool look_ahead = true)
      : domain_(domain), look_ahead_(look_ahead) {}

  /// Counts these as seen; first_candidate() draws near them.
  void start_from(std::span<const Choices> candidates);
  /// Of a first generation: as sample_new(), but after start_from() every other one, in the mean,
  /// is one to three mutations from one of those.
  std::optional<Choices> first_candidate(Rng& rng);
  /// Uniform among the candidates that are new and not known to violate, if a thousand draws find
  /// one; else a walk from the best of them towards less violation; else, in a space of up to a
  /// million points, the next one in its order, and nothing if there is none left. In a larger
  /// space one that is new, though it is known to violate.
  std::optional<Choices> sample_new(Rng& rng);
  /// `choices` if it is new and not known to violate; else after a few mutations; else as
  /// sample_new().
  std::optional<Choices> make_new(Choices choices, Rng& rng);
  /// Whether it is new and not known to violate.
  bool would_be_new(const Choices& choices) const;
  /// The same; it is remembered then.
  bool remember_new(const Choices& choices);
  std::size_t count() const { return seen_.size(); }

 private:
  double known_violation(const Choices& choices) const;
  std::optional<Choices> next_in_order(std::uint64_t count);

  const SearchDomain& domain_;
  bool look_ahead_;
  std::set<Choices> seen_;  // canonical
  std::vector<Choices> starts_;
  std::uint64_t cursor_ = 0;  // all points before it are seen or known to violate
};

}  // namespace dovetail
