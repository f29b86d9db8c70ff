#include "nas/strategy/independent_policy.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/text/error.h"

namespace dovetail {
namespace {

using ConstArray = Eigen::Map<const Eigen::ArrayXd>;

std::vector<std::size_t> first_logits(const DecisionSpace& space) {
  std::vector<std::size_t> first{0};
  for (const Decision& decision : space.decisions()) {
    first.push_back(first.back() + decision.choices.size());
  }
  return first;
}

}  // namespace

IndependentPolicy::IndependentPolicy(const DecisionSpace& decisions, double learning_rate)
    : first_(first_logits(decisions)),
      logits_(first_.back(), 0),
      adam_(first_.back(), learning_rate, 0, 0.999) {}

std::vector<double> IndependentPolicy::probabilities(std::size_t decision) const {
  const ConstArray logits(logits_.data() + first_[decision],
                          static_cast<Eigen::Index>(size_of(decision)));
  const Eigen::ArrayXd weights = (logits - logits.maxCoeff()).exp();
  const Eigen::ArrayXd p = weights / weights.sum();
  return {p.data(), p.data() + p.size()};
}

Choices IndependentPolicy::draw(Rng& rng) const {
  Choices choices;
  for (std::size_t d = 0; d + 1 < first_.size(); ++d) {
    const std::vector<double> probability = probabilities(d);
    double left = rng.uniform();
    std::size_t choice = 0;
    while (choice + 1 < probability.size() && left >= probability[choice]) {
      left -= probability[choice++];
    }
    choices.push_back(static_cast<std::uint16_t>(choice));
  }
  return choices;
}

Choices IndependentPolicy::most_likely() const {
  Choices choices;
  for (std::size_t d = 0; d + 1 < first_.size(); ++d) {
    const auto logits = std::span(logits_).subspan(first_[d], size_of(d));
    choices.push_back(
        static_cast<std::uint16_t>(std::ranges::max_element(logits) - logits.begin()));
  }
  return choices;
}

double IndependentPolicy::entropy() const {
  double entropy = 0;
  for (std::size_t d = 0; d + 1 < first_.size(); ++d) {
    for (const double p : probabilities(d)) entropy -= p > 0 ? p * std::log(p) : 0;
  }
  return entropy;
}

void IndependentPolicy::learn(std::span<const PolicyDraw> draws, double entropy_weight) {
  std::vector<double> gradient(logits_.size(), 0);  // of what is to fall
  const auto count = static_cast<double>(draws.size());
  for (std::size_t d = 0; d + 1 < first_.size(); ++d) {
    const std::vector<double> probability = probabilities(d);
    const ConstArray p(probability.data(), static_cast<Eigen::Index>(probability.size()));
    const Eigen::ArrayXd log_p = p.max(1e-300).log();
    const double entropy = -(p * log_p).sum();
    Eigen::Map<Eigen::ArrayXd> part(gradient.data() + first_[d], p.size());
    for (const PolicyDraw& draw : draws) {
      if (!draw.active[d]) continue;
      part += (draw.advantage * p + entropy_weight * p * (log_p + entropy)) / count;
      part[draw.choices[d]] -= draw.advantage / count;
    }
  }
  adam_.step(logits_, gradient);
}

void IndependentPolicy::favour(const Choices& choices) {
  for (std::size_t d = 0; d < choices.size(); ++d) {
    const std::size_t others = size_of(d) - 1;
    if (others > 0) logits_[first_[d] + choices[d]] += std::log(static_cast<double>(others));
  }
}

std::vector<double> IndependentPolicy::state() const {
  std::vector<double> state(logits_);
  const std::vector<double> adam = adam_.state();
  state.insert(state.end(), adam.begin(), adam.end());
  return state;
}

void IndependentPolicy::restore(std::span<const double> state) {
  if (state.size() != 3 * logits_.size() + 1) {
    throw InputError("the policy that was kept is of other decisions");
  }
  logits_.assign(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(logits_.size()));
  adam_.restore(state.subspan(logits_.size()));
}

}  // namespace dovetail
