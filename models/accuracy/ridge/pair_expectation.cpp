#include "models/accuracy/ridge/pair_expectation.h"

#include <algorithm>
#include <stdexcept>

namespace dovetail {
namespace {

bool all_zero(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v == 0; });
}

}  // namespace

PairExpectation::PairExpectation(const PairRidge& ridge, const DecisionSpace& decisions,
                                 std::span<const Guard> guards)
    : intercept_(ridge.intercept), first_{0} {
  for (const Decision& d : decisions.decisions()) {
    first_.push_back(first_.back() + d.choices.size());
  }
  if (ridge.features != features()) {
    throw std::invalid_argument("PairExpectation: coefficients of other decisions");
  }
  for (std::size_t a = 0; a < decisions.size(); ++a) {
    add_single(ridge, a, guards);
    for (std::size_t b = a + 1; b < decisions.size(); ++b) add_pair(ridge, a, b, guards);
  }
}

void PairExpectation::require(std::vector<Condition>& conditions, const Guard& guard) {
  for (Condition& condition : conditions) {
    if (condition.decision != guard.parent) continue;
    for (std::size_t c = 0; c < condition.allowed.size(); ++c) {
      condition.allowed[c] = condition.allowed[c] && guard.allowed[c];
    }
    return;
  }
  conditions.push_back({guard.parent, guard.allowed});
}

void PairExpectation::add_single(const PairRidge& ridge, std::size_t decision,
                                 std::span<const Guard> guards) {
  Terms terms{decision, decision, {}, {}};
  for (std::size_t c = 0; c < choices(decision); ++c) {
    terms.coefficients.push_back(ridge.single[first_[decision] + c]);
  }
  for (const Guard& guard : guards) {
    if (guard.decision == decision) require(terms.conditions, guard);
  }
  if (!all_zero(terms.coefficients)) terms_.push_back(std::move(terms));
}

void PairExpectation::add_pair(const PairRidge& ridge, std::size_t a, std::size_t b,
                               std::span<const Guard> guards) {
  const std::size_t width = choices(b);
  Terms terms{a, b, {}, {}};
  for (std::size_t i = 0; i < choices(a); ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      terms.coefficients.push_back(ridge.pair[(first_[a] + i) * ridge.features + first_[b] + j]);
    }
  }
  for (const Guard& guard : guards) {
    if (guard.decision != a && guard.decision != b) continue;
    if (guard.parent != a && guard.parent != b) {
      require(terms.conditions, guard);
      continue;
    }
    for (std::size_t at = 0; at < terms.coefficients.size(); ++at) {
      if (!guard.allowed[guard.parent == a ? at / width : at % width]) terms.coefficients[at] = 0;
    }
  }
  if (!all_zero(terms.coefficients)) terms_.push_back(std::move(terms));
}

double PairExpectation::allowed_share(const Condition& condition,
                                      std::span<const double> probabilities) const {
  double share = 0;
  for (std::size_t c = 0; c < condition.allowed.size(); ++c) {
    if (condition.allowed[c]) share += probabilities[first_[condition.decision] + c];
  }
  return share;
}

double PairExpectation::chance_of_effect(const Terms& terms,
                                         std::span<const double> probabilities) const {
  double chance = 1;
  for (const Condition& c : terms.conditions) chance *= allowed_share(c, probabilities);
  return chance;
}

double PairExpectation::bilinear(const Terms& terms, std::span<const double> probabilities,
                                 double scale, std::span<double> gradient) const {
  const std::size_t a = first_[terms.first], b = first_[terms.second];
  const double* coefficient = terms.coefficients.data();
  double sum = 0;
  if (terms.first == terms.second) {
    for (std::size_t i = 0; i < choices(terms.first); ++i) {
      sum += probabilities[a + i] * coefficient[i];
      if (!gradient.empty()) gradient[a + i] += scale * coefficient[i];
    }
    return sum;
  }
  const std::size_t width = choices(terms.second);
  for (std::size_t i = 0; i < choices(terms.first); ++i, coefficient += width) {
    double row = 0;
    for (std::size_t j = 0; j < width; ++j) row += coefficient[j] * probabilities[b + j];
    sum += probabilities[a + i] * row;
    if (gradient.empty()) continue;
    gradient[a + i] += scale * row;
    const double weight = scale * probabilities[a + i];
    for (std::size_t j = 0; j < width; ++j) gradient[b + j] += weight * coefficient[j];
  }
  return sum;
}

void PairExpectation::add_condition_gradients(const Terms& terms,
                                              std::span<const double> probabilities, double scale,
                                              std::span<double> gradient) const {
  for (const Condition& condition : terms.conditions) {
    double others = scale;
    for (const Condition& other : terms.conditions) {
      if (&other != &condition) others *= allowed_share(other, probabilities);
    }
    for (std::size_t c = 0; c < condition.allowed.size(); ++c) {
      if (condition.allowed[c]) gradient[first_[condition.decision] + c] += others;
    }
  }
}

double PairExpectation::value(std::span<const double> probabilities) const {
  double sum = intercept_;
  for (const Terms& terms : terms_) {
    sum += chance_of_effect(terms, probabilities) * bilinear(terms, probabilities, 0, {});
  }
  return sum;
}

double PairExpectation::add_gradient(std::span<const double> probabilities, double scale,
                                     std::span<double> gradient) const {
  double sum = intercept_;
  for (const Terms& terms : terms_) {
    const double chance = chance_of_effect(terms, probabilities);
    const double effect = bilinear(terms, probabilities, scale * chance, gradient);
    add_condition_gradients(terms, probabilities, scale * effect, gradient);
    sum += chance * effect;
  }
  return sum;
}

}  // namespace dovetail
