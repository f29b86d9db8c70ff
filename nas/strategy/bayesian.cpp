#include "nas/strategy/bayesian.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>

#include "base/random.h"
#include "nas/strategy/gaussian_process.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

constexpr std::size_t kParents = 10;   // whose neighbours are half of the pool
constexpr double kRefitGrowth = 1.25;  // kernel settings are chosen anew when outcomes grew so much
constexpr std::size_t kReward = 0, kAcceptable = 1;  // targets of the process

enum class Constraints { kIgnored, kWeighted, kExcluded };

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}
double normal_distribution(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

class Bayesian : public Strategy {
 public:
  Bayesian(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed)
      : domain_(domain),
        constraints_(static_cast<Constraints>(static_cast<int>(parameters.at("constraints")))),
        initial_(static_cast<std::size_t>(parameters.at("initial"))),
        most_points_(static_cast<std::size_t>(parameters.at("points"))),
        pool_size_(static_cast<std::size_t>(parameters.at("pool"))),
        rng_(seed) {}

  std::vector<Choices> ask(std::size_t count) override {
    std::vector<Choices> asked;
    if (seen_.size() >= initial_ && !told_.empty()) asked = best_of_pool(count);
    while (asked.size() < count) asked.push_back(uniform());
    return asked;
  }

  void tell(std::span<const Choices> candidates, std::span<const Outcome> outcomes) override {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      told_.push_back({candidates[i], outcomes[i]});
      Outcome& outcome = told_.back().outcome;
      if (constraints_ == Constraints::kIgnored && outcome.valid) outcome.violation = 0;
      feedback_.observe(outcome);
    }
  }

  std::size_t preferred_batch() const override { return 8; }

 private:
  struct Trial {
    Choices choices;
    Outcome outcome;
  };

  /// New if a few draws find one that is.
  Choices uniform() {
    Choices choices;
    for (int tries = 0; tries < 20; ++tries) {
      choices = domain_.decisions().sample(rng_);
      if (!violates(choices) && seen_.insert(domain_.canonical(choices)).second) break;
    }
    return choices;
  }

  /// Known beforehand to violate a constraint.
  bool violates(const Choices& choices) const {
    return constraints_ != Constraints::kIgnored &&
           domain_.predicted_violation(choices).value_or(0) > 0;
  }

  /// Of told trials, the best `count` first by score.
  std::vector<std::size_t> by_score(std::size_t count) const {
    std::vector<std::size_t> order(told_.size());
    std::iota(order.begin(), order.end(), 0u);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::size_t a, std::size_t b) {
                        const double score_a = feedback_.score(told_[a].outcome);
                        const double score_b = feedback_.score(told_[b].outcome);
                        return score_a != score_b ? score_a > score_b : a < b;
                      });
    order.resize(count);
    return order;
  }

  /// Half of them the best, the others the latest.
  std::vector<std::size_t> fitted_trials() const {
    std::vector<std::size_t> trials = by_score(most_points_ / 2);
    std::vector<bool> taken(told_.size(), false);
    for (const std::size_t t : trials) taken[t] = true;
    for (std::size_t t = told_.size(); t-- > 0 && trials.size() < most_points_;) {
      if (!taken[t]) trials.push_back(t);
    }
    return trials;
  }

  GaussianProcess fitted_process() {
    std::vector<Choices> points;
    const std::vector<std::size_t> trials = fitted_trials();
    std::vector<std::vector<double>> targets(2);
    for (const std::size_t t : trials) {
      const Outcome& outcome = told_[t].outcome;
      targets[kReward].push_back(outcome.valid ? outcome.reward : feedback_.score(outcome));
      targets[kAcceptable].push_back(outcome.acceptable() ? 1 : -1);
      points.push_back(told_[t].choices);
    }
    const std::vector<Point> encoded = encode_points(domain_, points);
    if (static_cast<double>(told_.size()) >= kRefitGrowth * static_cast<double>(fitted_at_)) {
      settings_ = GaussianProcess::fit(encoded, targets[kReward]);
      fitted_at_ = told_.size();
    }
    return GaussianProcess(encoded, targets, settings_);
  }

  /// Candidates not asked before nor known to violate; possibly fewer than wanted, or none.
  std::vector<Choices> make_pool() {
    const std::vector<std::size_t> parents = by_score(kParents);
    std::vector<Choices> pool;
    std::set<Choices> in_pool;
    for (std::size_t tries = 0; tries < 2 * pool_size_ && pool.size() < pool_size_; ++tries) {
      Choices choices;
      if (tries % 2 == 0) {
        choices = domain_.decisions().sample(rng_);
      } else {
        choices = told_[parents[rng_.index(parents.size())]].choices;
        for (std::size_t changes = 1 + rng_.index(3); changes-- > 0;) {
          mutate_one(domain_, choices, rng_);
        }
      }
      const Choices canonical = domain_.canonical(choices);
      if (violates(choices) || seen_.contains(canonical)) continue;
      if (in_pool.insert(canonical).second) pool.push_back(std::move(choices));
    }
    return pool;
  }

  /// Best acceptable reward; nothing acceptable: -infinity.
  double incumbent() const {
    double best = -std::numeric_limits<double>::infinity();
    for (const Trial& trial : told_) {
      if (trial.outcome.acceptable()) best = std::max(best, trial.outcome.reward);
    }
    return best;
  }

  /// By how much the acquisition counts at each candidate, by the learned model of acceptability.
  std::vector<double> constraint_weights(const GaussianProcess& process,
                                         const GaussianProcess::Prediction& prediction) const {
    std::vector<double> weights(prediction.variances.size(), 1);
    if (constraints_ == Constraints::kIgnored) return weights;
    const double deviation = process.deviation_of(kAcceptable);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double spread = deviation * std::sqrt(prediction.variances[i]) + 1e-9;
      weights[i] = normal_distribution(prediction.means[kAcceptable][i] / spread);
    }
    const bool some_hold = *std::max_element(weights.begin(), weights.end()) >= 0.5;
    if (constraints_ == Constraints::kExcluded && some_hold) {
      for (double& weight : weights) weight = weight >= 0.5 ? 1 : 0;
    }
    return weights;
  }

  static double expected_improvement(double mean, double deviation, double best) {
    if (!std::isfinite(best)) return 1;  // nothing to improve on: the weights decide
    if (deviation <= 0) return std::max(0.0, mean - best);
    const double z = (mean - best) / deviation;
    return deviation * (z * normal_distribution(z) + normal_density(z));
  }

  std::vector<Choices> best_of_pool(std::size_t count) {
    std::vector<Choices> pool = make_pool();
    if (pool.empty()) return {};
    const GaussianProcess process = fitted_process();
    GaussianProcess::Prediction prediction = process.predict(encode_points(domain_, pool));
    const std::vector<double> weights = constraint_weights(process, prediction);
    const double best = incumbent();
    const double deviation = process.deviation_of(kReward);

    std::vector<bool> taken(pool.size(), false);
    std::vector<Choices> asked;
    while (asked.size() < std::min(count, pool.size())) {
      std::size_t chosen = pool.size();
      double highest = -1;
      for (std::size_t i = 0; i < pool.size(); ++i) {
        if (taken[i]) continue;
        const double value =
            weights[i] * expected_improvement(prediction.means[kReward][i],
                                              deviation * std::sqrt(prediction.variances[i]), best);
        if (value > highest) {
          highest = value;
          chosen = i;
        }
      }
      taken[chosen] = true;
      seen_.insert(domain_.canonical(pool[chosen]));
      asked.push_back(pool[chosen]);
      process.believe(prediction, chosen);
    }
    return asked;
  }

  const SearchDomain& domain_;
  Constraints constraints_;
  std::size_t initial_, most_points_, pool_size_;
  Rng rng_;
  std::vector<Trial> told_;
  std::set<Choices> seen_;  // asked, canonical
  ScalarFeedback feedback_;
  GaussianProcess::Settings settings_;
  std::size_t fitted_at_ = 0;  // told_.size() when the settings were chosen
};

}  // namespace

std::unique_ptr<Strategy> make_bayesian(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed);
}

}  // namespace dovetail
