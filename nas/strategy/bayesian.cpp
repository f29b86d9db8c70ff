#include "nas/strategy/bayesian.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>
#include <span>

#include "base/numbers/random.h"
#include "nas/objective/pareto.h"
#include "nas/strategy/gaussian_process.h"
#include "nas/strategy/scalar_feedback.h"
#include "nas/strategy/variation.h"

namespace dovetail {
namespace {

constexpr std::size_t kParents = 10;   // whose neighbours are half of the pool
constexpr double kRefitGrowth = 1.25;  // kernel settings are chosen anew when outcomes grew so much
constexpr std::size_t kSamples = 64;   // of the objectives, for an expected improvement
constexpr double kSumWeight = 0.05;    // of the sum in a scalarisation; Knowles's rho

enum class Constraints { kIgnored, kWeighted, kExcluded };
enum class After { kReward, kFront };

/// One number to be maximised, and its best among the acceptable trials (-infinity if there is
/// none).
struct Goal {
  std::vector<double> weights;  // of the objectives; none: the reward
  double incumbent = -std::numeric_limits<double>::infinity();

  /// Of relative objectives: less the augmented Tchebycheff function of ParEGO.
  double scalarised(std::span<const double> objectives) const {
    double largest = 0, total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const double part = weights[k] * objectives[k];
      largest = k == 0 ? part : std::max(largest, part);
      total += part;
    }
    return -(largest + kSumWeight * total);
  }
};

/// Smallest and largest of each objective on the front so far.
struct Ranges {
  std::vector<double> low, high;

  /// 0 to 1 on the front; beyond it on a logarithmic scale, so that what is far off does not press
  /// the front together.
  double relative(double value, std::size_t k) const {
    const double range = high[k] > low[k] ? high[k] - low[k] : 1;
    const double x = (value - low[k]) / range;
    return x <= 1 ? x : 1 + std::log(x);
  }
};

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
}
double normal_distribution(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

/// Standard normal numbers, always the same.
std::vector<std::vector<double>> normal_samples(std::size_t count, std::size_t dimensions) {
  Rng rng(0);
  std::vector<std::vector<double>> samples(count, std::vector<double>(dimensions));
  for (std::vector<double>& sample : samples) {
    for (double& x : sample) x = rng.normal();
  }
  return samples;
}

class Bayesian : public Strategy {
 public:
  Bayesian(const SearchDomain& domain, const StrategyParameters& parameters, std::uint64_t seed,
           After after)
      : domain_(domain),
        after_(after),
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

  /// Of told trials, the best `count` first: by score, or by rank and crowding distance.
  std::vector<std::size_t> best_trials(std::size_t count) const {
    if (after_ == After::kFront) {
      std::vector<Outcome> outcomes;
      for (const Trial& trial : told_) outcomes.push_back(trial.outcome);
      std::vector<std::size_t> order = rank_and_crowding_order(outcomes);
      order.resize(std::min(count, order.size()));
      return order;
    }
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
    std::vector<std::size_t> trials = best_trials(most_points_ / 2);
    std::vector<bool> taken(told_.size(), false);
    for (const std::size_t t : trials) taken[t] = true;
    for (std::size_t t = told_.size(); t-- > 0 && trials.size() < most_points_;) {
      if (!taken[t]) trials.push_back(t);
    }
    return trials;
  }

  /// Of the acceptable trials; of all that have figures if none is.
  Ranges front_ranges() const {
    ParetoArchive archive;
    const bool some = std::any_of(told_.begin(), told_.end(),
                                  [](const Trial& trial) { return trial.outcome.acceptable(); });
    for (const Trial& trial : told_) {
      Outcome outcome = trial.outcome;
      if (!some && outcome.valid) outcome.violation = 0;
      archive.insert(outcome, 0);
    }
    Ranges ranges;
    for (const auto& point : archive.points()) {
      if (ranges.low.empty()) ranges = {point, point};
      for (std::size_t k = 0; k < point.size(); ++k) {
        ranges.low[k] = std::min(ranges.low[k], point[k]);
        ranges.high[k] = std::max(ranges.high[k], point[k]);
      }
    }
    return ranges;
  }

  /// What the process learns of each trial: the reward, or each objective relative to the front.
  /// Where a trial has no figures, the worst.
  std::vector<std::vector<double>> learned_values() const {
    if (after_ == After::kReward) {
      std::vector<double> rewards;
      for (const Trial& trial : told_) {
        rewards.push_back(trial.outcome.valid ? trial.outcome.reward
                                              : feedback_.score(trial.outcome));
      }
      return {rewards};
    }
    const Ranges ranges = front_ranges();
    std::vector<std::vector<double>> values(ranges.low.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      double worst = 0;
      for (const Trial& trial : told_) {
        if (trial.outcome.valid)
          worst = std::max(worst, ranges.relative(trial.outcome.objectives[k], k));
      }
      for (const Trial& trial : told_) {
        values[k].push_back(trial.outcome.valid ? ranges.relative(trial.outcome.objectives[k], k)
                                                : worst);
      }
    }
    return values;
  }

  /// The reward for all candidates of a batch, or for each a random weighting of the objectives.
  std::vector<Goal> goals(const std::vector<std::vector<double>>& values, std::size_t count) {
    std::vector<Goal> goals(after_ == After::kReward ? 1 : count);
    for (Goal& goal : goals) {
      double sum = 0;
      for (std::size_t k = 0; after_ == After::kFront && k < values.size(); ++k) {
        goal.weights.push_back(-std::log(1 - rng_.uniform()));  // uniform on the simplex, once
        sum += goal.weights.back();                             // divided
      }
      for (double& weight : goal.weights) weight /= sum;
      std::vector<double> of_trial(values.size());
      for (std::size_t t = 0; t < told_.size(); ++t) {
        if (!told_[t].outcome.acceptable()) continue;
        for (std::size_t k = 0; k < values.size(); ++k) of_trial[k] = values[k][t];
        goal.incumbent = std::max(
            goal.incumbent, goal.weights.empty() ? of_trial.front() : goal.scalarised(of_trial));
      }
    }
    return goals;
  }

  /// Its targets are the learned values and, last, whether a trial was acceptable.
  GaussianProcess fitted_process(const std::vector<std::vector<double>>& values) {
    std::vector<Choices> points;
    const std::vector<std::size_t> trials = fitted_trials();
    std::vector<std::vector<double>> targets(values.size() + 1);
    for (const std::size_t t : trials) {
      for (std::size_t k = 0; k < values.size(); ++k) targets[k].push_back(values[k][t]);
      targets.back().push_back(told_[t].outcome.acceptable() ? 1 : -1);
      points.push_back(told_[t].choices);
    }
    const std::vector<Point> encoded = encode_points(domain_, points);
    if (static_cast<double>(told_.size()) >= kRefitGrowth * static_cast<double>(fitted_at_)) {
      settings_ = GaussianProcess::fit(encoded, targets.front());
      fitted_at_ = told_.size();
    }
    return GaussianProcess(encoded, targets, settings_);
  }

  /// Candidates not asked before nor known to violate; possibly fewer than wanted, or none.
  std::vector<Choices> make_pool() {
    const std::vector<std::size_t> parents = best_trials(kParents);
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

  /// By how much the acquisition counts at each candidate, by the learned model of acceptability.
  std::vector<double> constraint_weights(const GaussianProcess& process,
                                         const GaussianProcess::Prediction& prediction) const {
    std::vector<double> weights(prediction.variances.size(), 1);
    if (constraints_ == Constraints::kIgnored) return weights;
    const std::size_t acceptable = prediction.means.size() - 1;
    const double deviation = process.deviation_of(acceptable);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double spread = deviation * std::sqrt(prediction.variances[i]) + 1e-9;
      weights[i] = normal_distribution(prediction.means[acceptable][i] / spread);
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

  /// Of a weighting: the mean over samples of the objectives, the same for every candidate.
  double expected_improvement(const GaussianProcess& process,
                              const GaussianProcess::Prediction& prediction, const Goal& goal,
                              std::size_t i) const {
    const double spread = std::sqrt(prediction.variances[i]);
    if (goal.weights.empty()) {
      return expected_improvement(prediction.means[0][i], process.deviation_of(0) * spread,
                                  goal.incumbent);
    }
    if (!std::isfinite(goal.incumbent)) return 1;
    std::vector<double> objectives(goal.weights.size());
    double sum = 0;
    for (const std::vector<double>& sample : samples_) {
      for (std::size_t k = 0; k < objectives.size(); ++k) {
        objectives[k] = prediction.means[k][i] + process.deviation_of(k) * spread * sample[k];
      }
      sum += std::max(0.0, goal.scalarised(objectives) - goal.incumbent);
    }
    return sum / static_cast<double>(samples_.size());
  }

  std::vector<Choices> best_of_pool(std::size_t count) {
    std::vector<Choices> pool = make_pool();
    if (pool.empty()) return {};
    const std::vector<std::vector<double>> values = learned_values();
    const std::vector<Goal> goals = this->goals(values, count);
    if (samples_.empty()) samples_ = normal_samples(kSamples, values.size());
    const GaussianProcess process = fitted_process(values);
    GaussianProcess::Prediction prediction = process.predict(encode_points(domain_, pool));
    const std::vector<double> weights = constraint_weights(process, prediction);

    std::vector<bool> taken(pool.size(), false);
    std::vector<Choices> asked;
    while (asked.size() < std::min(count, pool.size())) {
      const Goal& goal = goals[std::min(asked.size(), goals.size() - 1)];
      std::size_t chosen = pool.size();
      double highest = -1;
      for (std::size_t i = 0; i < pool.size(); ++i) {
        if (taken[i]) continue;
        const double value =
            weights[i] > 0 ? weights[i] * expected_improvement(process, prediction, goal, i) : 0;
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
  After after_;
  Constraints constraints_;
  std::size_t initial_, most_points_, pool_size_;
  Rng rng_;
  std::vector<Trial> told_;
  std::set<Choices> seen_;  // asked, canonical
  ScalarFeedback feedback_;
  GaussianProcess::Settings settings_;
  std::vector<std::vector<double>> samples_;  // standard normal, one number an objective
  std::size_t fitted_at_ = 0;                 // told_.size() when the settings were chosen
};

}  // namespace

std::unique_ptr<Strategy> make_bayesian(const SearchDomain& domain,
                                        const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed, After::kReward);
}

std::unique_ptr<Strategy> make_parego(const SearchDomain& domain,
                                      const StrategyParameters& parameters, std::uint64_t seed) {
  return std::make_unique<Bayesian>(domain, parameters, seed, After::kFront);
}

}  // namespace dovetail
