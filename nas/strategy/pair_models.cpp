#include "nas/strategy/pair_models.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace dovetail {
namespace {

constexpr std::size_t kForPenalty = 200;  // examples by which it is chosen
constexpr std::size_t kFolds = 4;

std::vector<RidgePenalty> penalties() {
  std::vector<RidgePenalty> penalties;
  for (const double lambda : {0.01, 0.1, 1.0}) {
    for (const double pair_weight : {0.03, 0.1, 0.3, 1.0})
      penalties.push_back({lambda, pair_weight});
  }
  return penalties;
}

/// In deviations from the mean.
std::vector<double> standardised(std::vector<double> values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double square = 0;
  for (const double value : values) square += (value - mean) * (value - mean) / count;
  const double deviation = square > 1e-24 ? std::sqrt(square) : 1;
  for (double& value : values) value = (value - mean) / deviation;
  return values;
}

void add_scaled(PairRidge& sum, const PairRidge& ridge, double scale) {
  sum.intercept += scale * ridge.intercept;
  for (std::size_t i = 0; i < sum.single.size(); ++i) sum.single[i] += scale * ridge.single[i];
  for (std::size_t i = 0; i < sum.pair.size(); ++i) sum.pair[i] += scale * ridge.pair[i];
}

}  // namespace

PairModels::PairModels(const SearchDomain& domain)
    : space_{"", domain.decisions(),
             find_guards(domain.decisions(),
                         [&](const Choices& choices) { return domain.active(choices); }),
             ""},
      features_(domain.decisions()) {}

std::vector<RidgeExample> PairModels::examples(const std::vector<Choices>& candidates,
                                               std::span<const double> values) const {
  std::vector<RidgeExample> examples;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    examples.push_back({features_.of(candidates[i], space_.active(candidates[i])), values[i]});
  }
  return examples;
}

void PairModels::fit(Model& model, const std::vector<Choices>& candidates,
                     std::span<const double> values, bool anew) const {
  const std::vector<RidgeExample> learned = examples(candidates, values);
  if (learned.size() >= kFolds && (anew || model.ridge.features == 0)) {
    const auto few = std::span(learned).first(std::min(kForPenalty, learned.size()));
    model.penalty = best_penalty(few, penalties(), kFolds);
  }
  model.ridge = fit_pair_ridge(learned, features_.count(), model.penalty);
  model.mean.emplace(expectation(model.ridge));
}

PairExpectation PairModels::expectation(const PairRidge& ridge) const {
  return {ridge, space_.decisions, space_.guards};
}

void PairModels::learn(const ToldFigures& figures, bool anew) {
  objectives_.resize(figures.objectives.size());
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    fit(objectives_[k], figures.valid, standardised(figures.objectives[k]), anew);
  }
  excesses_.resize(figures.excesses.size());
  for (std::size_t j = 0; j < excesses_.size(); ++j) {
    fit(excesses_[j], figures.valid, figures.excesses[j], anew);
  }
  all_valid_ = figures.valid.size() == figures.all.size();
  if (all_valid_) return;
  const std::vector<double> validity(figures.is_valid.begin(), figures.is_valid.end());
  fit(validity_, figures.all, validity, anew);
}

AddGradient PairModels::loss(std::span<const double> weights, double penalty) const {
  PairRidge sum = PairRidge::zero(features_.count());
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    add_scaled(sum, objectives_[k].ridge, weights[k]);
  }
  return [this, penalty, objective = std::make_shared<const PairExpectation>(expectation(sum))](
             std::span<const double> probabilities, std::span<double> gradient) {
    objective->add_gradient(probabilities, 1, gradient);
    for (const Model& excess : excesses_) {
      if (excess.mean->value(probabilities) <= 0) continue;
      excess.mean->add_gradient(probabilities, penalty, gradient);
    }
    if (!all_valid_ && validity_.mean->value(probabilities) < 1) {
      validity_.mean->add_gradient(probabilities, -penalty, gradient);
    }
  };
}

bool PairModels::predicts_violation(const Choices& choices) const {
  const auto features = features_.of(choices, space_.active(choices));
  if (!all_valid_ && validity_.ridge.predict(features) < 0.5) return true;
  return std::ranges::any_of(
      excesses_, [&](const Model& excess) { return excess.ridge.predict(features) > 0; });
}

}  // namespace dovetail
