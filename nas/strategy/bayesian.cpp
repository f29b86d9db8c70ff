#include "nas/strategy/bayesian.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <span>

#include "base/numbers/random.h"
#include "nas/objective/pareto.h"
#include "nas/strategy/acquisition.h"
#include "nas/strategy/figure_models.h"
#include "nas/strategy/hypervolume_improvement.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

constexpr std::size_t kParents = 20;     // whose mutations are half of the pool
constexpr std::size_t kClimbers = 10;    // whose neighbours join the pool in a round
constexpr std::size_t kNeighbours = 30;  // of each of them, at most
constexpr std::size_t kFinalists = 200;  // of the pool, from which a batch is chosen

enum class After { kReward, kWeights, kHypervolume };
enum class Constraints { kIgnored, kWeighted, kExcluded };

std::size_t count_of(const StrategyParameters& parameters, const char* name) {
  return static_cast<std::size_t>(parameters.at(name));
}

FigureModelSettings model_settings(const StrategyParameters& parameters, After after) {
  FigureModelSettings settings;
  settings.reward = after == After::kReward;
  settings.constraints = parameters.at("constraints") > 0;
  settings.logarithms = parameters.at("logarithms") > 0;
  settings.length_scales = parameters.at("length_scales") > 0;
  settings.most_points = count_of(parameters, "points");
  return settings;
}

/// Candidates not asked for before, with what the models believe of them and what each is worth.
struct Pool {
  std::vector<Choices> candidates;
  Beliefs beliefs;
  std::vector<double> values;

  /// The `count` most valuable ones, best first.
  std::vector<std::size_t> best(std::size_t count) const {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::size_t a, std::size_t b) {
                        return values[a] != values[b] ? values[a] > values[b] : a < b;
                      });
    order.resize(count);
    return order;
  }
};

class Bayesian : public Strategy {
 public:
  Bayesian(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed,
           After after)
      : domain_(domain),
        after_(after),
        constraints_(static_cast<Constraints>(static_cast<int>(parameters.at("constraints")))),
        initial_(count_of(parameters, "initial")),
        most_points_(count_of(parameters, "points")),
        pool_size_(count_of(parameters, "pool")),
        climbs_(count_of(parameters, "local_search")),
        rng_(seed),
        seen_(domain, constraints_ != Constraints::kIgnored),
        models_(domain, model_settings(parameters, after)) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    if (seen_.count() >= initial_ && any_valid_) asked = most_valuable(count);
    while (asked.size() < count) {
      std::optional<Choices> choices = seen_.first_candidate(rng_);
      if (!choices) break;
      asked.push_back(std::move(*choices));
    }
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      told_.push_back({candidates[i], outcomes[i]});
      Outcome& outcome = told_.back().outcome;
      if (constraints_ == Constraints::kIgnored && outcome.valid) outcome.violation = 0;
      any_valid_ = any_valid_ || outcome.valid;
      feedback_.observe(outcome);
      archive_.insert(outcome, 0);
    }
  }

  void start_from(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    seen_.start_from(candidates);
    tell(candidates, outcomes);
  }

  std::size_t preferred_batch() const override { return 8; }

 private:
  /// Of what was told, best first: by score, or by rank and crowding distance.
  std::vector<std::size_t> best_told(std::size_t count) const {
    if (after_ != After::kReward) return best_on_front(told_, count);
    std::vector<std::size_t> order(told_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return feedback_.score(told_[a].outcome) > feedback_.score(told_[b].outcome);
    });
    order.resize(std::min(count, order.size()));
    return order;
  }

  /// The domain's, or where it has none a little beyond the worst figures that were told.
  std::vector<double> reference() const {
    std::vector<double> reference = domain_.reference();
    if (!reference.empty()) return reference;
    std::vector<double> low, high;
    for (const ToldCandidate& told : told_) {
      if (!told.outcome.valid) continue;
      if (low.empty()) low = high = told.outcome.objectives;
      for (std::size_t k = 0; k < low.size(); ++k) {
        low[k] = std::min(low[k], told.outcome.objectives[k]);
        high[k] = std::max(high[k], told.outcome.objectives[k]);
      }
    }
    for (std::size_t k = 0; k < low.size(); ++k) {
      reference.push_back(high[k] + 0.1 * (high[k] - low[k]));
    }
    return reference;
  }

  std::unique_ptr<Acquisition> acquisition() {
    const bool some_acceptable = !archive_.entries().empty();
    if (!some_acceptable) return violation_improvement(told_);
    if (after_ == After::kHypervolume) {
      return hypervolume_improvement(archive_.points(), reference());
    }
    if (after_ == After::kWeights) return weighted_improvement(archive_.points(), rng_);
    double best = -std::numeric_limits<double>::infinity();
    for (const ToldCandidate& told : told_) {
      if (told.outcome.acceptable()) best = std::max(best, told.outcome.reward);
    }
    return reward_improvement(best);
  }

  /// How much a gain counts, by what is believed of the constraints.
  double constraint_weight(const Beliefs& beliefs, std::size_t i) const {
    if (constraints_ == Constraints::kIgnored) return beliefs.valid_probability(i);
    const bool violates = std::any_of(beliefs.excesses.begin(), beliefs.excesses.end(),
                                      [&](const auto& excess) { return excess.means[i] > 0; });
    if (constraints_ == Constraints::kExcluded && violates) return 0;
    return constraints_ == Constraints::kExcluded ? beliefs.valid_probability(i)
                                                  : beliefs.acceptable_probability(i);
  }

  double value(const Acquisition& acquisition, const Beliefs& beliefs, std::size_t i) const {
    const double weight = acquisition.needs_constraints() ? constraint_weight(beliefs, i) : 1;
    return weight > 0 ? weight * acquisition.gain(beliefs, i) : 0;
  }

  /// True if it is new to the search and to the pool, and not known to violate a constraint.
  bool admit(const Choices& choices, std::set<Choices>& in_pool) const {
    return seen_.would_be_new(choices) && in_pool.insert(domain_.canonical(choices)).second;
  }

  /// Half uniform, half near the best; possibly fewer than wanted, or none.
  std::vector<Choices> drawn_candidates(std::span<const std::size_t> best,
                                        std::set<Choices>& in_pool) {
    std::vector<Choices> drawn;
    const std::size_t parents = std::min(best.size(), kParents);
    for (std::size_t tries = 0; tries < 2 * pool_size_ && drawn.size() < pool_size_; ++tries) {
      Choices choices;
      if (tries % 2 == 0) {
        choices = domain_.sample(rng_);
      } else {
        choices = told_[best[rng_.index(parents)]].choices;
        for (std::size_t changes = 1 + rng_.index(3); changes-- > 0;) {
          mutate_one(domain_, choices, rng_);
        }
        choices = domain_.candidate(choices);
      }
      if (admit(choices, in_pool)) drawn.push_back(std::move(choices));
    }
    return drawn;
  }

  /// Neighbours of the most valuable candidates of the pool: each a step of a local search.
  std::vector<Choices> neighbours_of_best(const Pool& pool, std::set<Choices>& in_pool) {
    std::vector<Choices> drawn;
    for (const std::size_t i : pool.best(kClimbers)) {
      std::vector<Choices> near = domain_.neighbours(pool.candidates[i]);
      if (near.size() > kNeighbours) rng_.shuffle(near);
      near.resize(std::min(near.size(), kNeighbours));
      for (Choices& choices : near) {
        if (admit(choices, in_pool)) drawn.push_back(std::move(choices));
      }
    }
    return drawn;
  }

  void add(Pool& pool, std::vector<Choices> candidates, const Acquisition& acquisition) const {
    if (candidates.empty()) return;
    const Beliefs beliefs = models_.predict(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      pool.values.push_back(value(acquisition, beliefs, i));
      pool.candidates.push_back(std::move(candidates[i]));
    }
  }

  /// The finalists, with beliefs.
  Pool make_pool(std::span<const std::size_t> best, const Acquisition& acquisition) {
    Pool pool;
    std::set<Choices> in_pool;
    add(pool, drawn_candidates(best, in_pool), acquisition);
    for (std::size_t climb = 0; climb < climbs_ && !pool.candidates.empty(); ++climb) {
      add(pool, neighbours_of_best(pool, in_pool), acquisition);
    }
    Pool finalists;
    for (const std::size_t i : pool.best(kFinalists)) {
      finalists.candidates.push_back(std::move(pool.candidates[i]));
    }
    if (!finalists.candidates.empty()) finalists.beliefs = models_.predict(finalists.candidates);
    return finalists;
  }

  std::vector<Choices> most_valuable(std::size_t count) {
    const std::vector<std::size_t> best = best_told(std::max(most_points_ / 2, kParents));
    models_.learn(told_, std::span(best).first(std::min(best.size(), most_points_ / 2)));
    const auto acquisition = this->acquisition();
    Pool pool = make_pool(best, *acquisition);

    std::vector<bool> taken(pool.candidates.size(), false);
    std::vector<Choices> asked;
    while (asked.size() < std::min(count, pool.candidates.size())) {
      std::size_t chosen = pool.candidates.size();
      double highest = -1;
      for (std::size_t i = 0; i < pool.candidates.size(); ++i) {
        if (taken[i]) continue;
        const double worth = value(*acquisition, pool.beliefs, i);
        if (worth > highest) {
          highest = worth;
          chosen = i;
        }
      }
      taken[chosen] = true;
      seen_.remember_new(pool.candidates[chosen]);
      asked.push_back(pool.candidates[chosen]);
      acquisition->take(pool.beliefs, chosen);
      models_.believe(pool.beliefs, chosen);
    }
    return asked;
  }

  const SearchDomain& domain_;
  After after_;
  Constraints constraints_;
  std::size_t initial_, most_points_, pool_size_, climbs_;
  Rng rng_;
  SeenCandidates seen_;
  FigureModels models_;
  std::vector<ToldCandidate> told_;
  ScalarFeedback feedback_;
  ParetoArchive archive_;  // of what was told
  bool any_valid_ = false;
};

}  // namespace

std::unique_ptr<Strategy> make_bayesian(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed, After::kReward);
}

std::unique_ptr<Strategy> make_parego(const SearchDomain& domain,
                                      const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed, After::kWeights);
}

std::unique_ptr<Strategy> make_ehvi(const SearchDomain& domain,
                                    const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed, After::kHypervolume);
}

}  // namespace dovetail
