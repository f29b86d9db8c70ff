#include "nas/strategy/acquisition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nas/strategy/normal.h"

namespace dovetail {
namespace {

constexpr std::size_t kSamples = 64;  // of the figures, for an expectation without closed form
constexpr double kSumWeight = 0.05;   // of the sum in a scalarisation; Knowles's rho

/// Standard normal numbers, always the same.
std::vector<std::vector<double>> normal_samples(std::size_t dimensions) {
  Rng rng(0);
  std::vector<std::vector<double>> samples(kSamples, std::vector<double>(dimensions));
  for (std::vector<double>& sample : samples) {
    for (double& x : sample) x = rng.normal();
  }
  return samples;
}

class RewardImprovement : public Acquisition {
 public:
  explicit RewardImprovement(double best) : best_(best) {}

  double gain(const Beliefs& beliefs, std::size_t i) const override {
    const Beliefs::Figure& reward = beliefs.objectives.front();
    return expected_shortfall(-best_, -reward.means[i], reward.deviations[i], false);
  }
  void take(const Beliefs&, std::size_t) override {}

 private:
  double best_;
};

class WeightedImprovement : public Acquisition {
 public:
  WeightedImprovement(std::vector<std::vector<double>> front, Rng& rng)
      : front_(std::move(front)),
        rng_(rng),
        low_(front_.front()),
        range_(front_.front().size(), 1),
        samples_(normal_samples(low_.size())) {
    for (std::size_t k = 0; k < low_.size(); ++k) {
      double high = low_[k];
      for (const auto& point : front_) {
        low_[k] = std::min(low_[k], point[k]);
        high = std::max(high, point[k]);
      }
      if (high > low_[k]) range_[k] = high - low_[k];
    }
    draw_weights();
  }

  double gain(const Beliefs& beliefs, std::size_t i) const override {
    std::vector<double> point(low_.size());
    double sum = 0;
    for (const std::vector<double>& sample : samples_) {
      for (std::size_t k = 0; k < point.size(); ++k) {
        const Beliefs::Figure& figure = beliefs.objectives[k];
        const double value = figure.means[i] + figure.deviations[i] * sample[k];
        point[k] = beliefs.logarithmic[k] ? std::exp(value) : value;
      }
      sum += std::max(0.0, least_ - scalarised(point));
    }
    return sum / static_cast<double>(samples_.size());
  }

  void take(const Beliefs&, std::size_t) override { draw_weights(); }

 private:
  /// 0 to 1 on the front; beyond it logarithmic, so that what is far off does not count so much.
  double relative(double value, std::size_t k) const {
    const double x = (value - low_[k]) / range_[k];
    return x <= 1 ? x : 1 + std::log(x);
  }

  double scalarised(std::span<const double> point) const {
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (std::size_t k = 0; k < point.size(); ++k) {
      const double part = weights_[k] * relative(point[k], k);
      largest = std::max(largest, part);
      total += part;
    }
    return largest + kSumWeight * total;
  }

  /// Uniform on the simplex.
  void draw_weights() {
    double sum = 0;
    weights_.clear();
    for (std::size_t k = 0; k < low_.size(); ++k) {
      weights_.push_back(-std::log(1 - rng_.uniform()));
      sum += weights_.back();
    }
    for (double& weight : weights_) weight /= sum;
    least_ = std::numeric_limits<double>::infinity();
    for (const auto& point : front_) least_ = std::min(least_, scalarised(point));
  }

  std::vector<std::vector<double>> front_;
  Rng& rng_;
  std::vector<double> low_, range_, weights_;
  std::vector<std::vector<double>> samples_;
  double least_ = 0;  // of the front
};

double sum_of_excesses(std::span<const double> excesses) {
  double sum = 0;
  for (const double excess : excesses) sum += std::max(0.0, excess);
  return sum;
}

class ViolationImprovement : public Acquisition {
 public:
  explicit ViolationImprovement(std::span<const ToldCandidate> told) {
    for (const ToldCandidate& candidate : told) {
      if (!candidate.outcome.valid) continue;
      least_ = std::min(least_, sum_of_excesses(candidate.outcome.excesses));
      if (samples_.empty()) samples_ = normal_samples(candidate.outcome.excesses.size());
    }
  }

  double gain(const Beliefs& beliefs, std::size_t i) const override {
    std::vector<double> excesses(beliefs.excesses.size());
    double sum = 0;
    for (const std::vector<double>& sample : samples_) {
      for (std::size_t j = 0; j < excesses.size(); ++j) {
        excesses[j] = beliefs.excesses[j].means[i] + beliefs.excesses[j].deviations[i] * sample[j];
      }
      sum += std::max(0.0, least_ - sum_of_excesses(excesses));
    }
    return beliefs.valid_probability(i) * sum / static_cast<double>(samples_.size());
  }
  void take(const Beliefs&, std::size_t) override {}
  bool needs_constraints() const override { return false; }

 private:
  double least_ = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> samples_;
};

}  // namespace

std::unique_ptr<Acquisition> reward_improvement(double best) {
  return std::make_unique<RewardImprovement>(best);
}

std::unique_ptr<Acquisition> weighted_improvement(std::vector<std::vector<double>> front,
                                                  Rng& rng) {
  return std::make_unique<WeightedImprovement>(std::move(front), rng);
}

std::unique_ptr<Acquisition> violation_improvement(std::span<const ToldCandidate> told) {
  return std::make_unique<ViolationImprovement>(told);
}

}  // namespace dovetail
