#include "nas/strategy/figure_models.h"

#include <algorithm>
#include <cmath>

#include "nas/strategy/normal.h"

namespace dovetail {
namespace {

constexpr double kRefitGrowth = 1.25;

}  // namespace

double Beliefs::objective(std::size_t k, std::size_t candidate) const {
  const double mean = objectives[k].means[candidate];
  return logarithmic[k] ? std::exp(mean) : mean;
}

double Beliefs::valid_probability(std::size_t candidate) const {
  if (!validity) return 1;
  return normal_distribution(validity->means[candidate] / (validity->deviations[candidate] + 1e-9));
}

double Beliefs::acceptable_probability(std::size_t candidate) const {
  double probability = valid_probability(candidate);
  for (const Figure& excess : excesses) {
    probability *=
        normal_distribution(-excess.means[candidate] / (excess.deviations[candidate] + 1e-9));
  }
  return probability;
}

FigureModels::FigureModels(const SearchDomain& domain, const FigureModelSettings& settings)
    : encoding_(domain), settings_(settings) {
  kernel_fit_.group_of = encoding_.decision_of();
  kernel_fit_.groups = domain.decisions().size();
  if (settings.length_scales) return;
  std::fill(kernel_fit_.group_of.begin(), kernel_fit_.group_of.end(), 0);
  kernel_fit_.groups = 1;
}

std::vector<std::size_t> FigureModels::points_to_learn(
    std::span<const ToldCandidate> told, std::span<const std::size_t> preferred) const {
  std::vector<std::size_t> points(preferred.begin(), preferred.end());
  points.resize(std::min(points.size(), settings_.most_points));
  std::vector<bool> taken(told.size(), false);
  for (const std::size_t t : points) taken[t] = true;
  for (std::size_t t = told.size(); t-- > 0 && points.size() < settings_.most_points;) {
    if (!taken[t]) points.push_back(t);
  }
  return points;
}

void FigureModels::fit(Model& model, const Points& points, std::span<const double> values,
                       bool anew) const {
  if (anew || model.kernel.lengths.empty()) {
    model.kernel = fit_kernel(points, values, kernel_fit_, model.kernel);
  }
  model.process.emplace(points, values, model.kernel);
}

void FigureModels::learn(std::span<const ToldCandidate> told,
                         std::span<const std::size_t> preferred) {
  const bool anew =
      static_cast<double>(told.size()) >= kRefitGrowth * static_cast<double>(fitted_at_);
  if (anew) fitted_at_ = told.size();

  std::vector<Choices> all, valid;
  std::vector<double> validity;
  std::vector<const Outcome*> outcomes;  // of the valid ones
  for (const std::size_t t : points_to_learn(told, preferred)) {
    all.push_back(told[t].choices);
    validity.push_back(told[t].outcome.valid ? 1 : -1);
    if (!told[t].outcome.valid) continue;
    valid.push_back(told[t].choices);
    outcomes.push_back(&told[t].outcome);
  }
  const Points points = encoding_.encode(valid);
  const auto learn_figure = [&](Model& model, const auto& value_of, bool logarithm) {
    std::vector<double> values;
    for (const Outcome* outcome : outcomes) {
      const double value = value_of(*outcome);
      values.push_back(logarithm ? std::log(value) : value);
    }
    fit(model, points, values, anew);
  };

  objectives_.resize(settings_.reward ? 1 : outcomes.front()->objectives.size());
  logarithmic_.assign(objectives_.size(), false);
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    const auto value = [&](const Outcome& outcome) {
      return settings_.reward ? outcome.reward : outcome.objectives[k];
    };
    logarithmic_[k] =
        settings_.logarithms && !settings_.reward &&
        std::all_of(outcomes.begin(), outcomes.end(), [&](auto* o) { return value(*o) > 0; });
    learn_figure(objectives_[k], value, logarithmic_[k]);
  }
  excesses_.resize(settings_.constraints ? outcomes.front()->excesses.size() : 0);
  for (std::size_t j = 0; j < excesses_.size(); ++j) {
    learn_figure(
        excesses_[j], [&](const Outcome& outcome) { return outcome.excesses[j]; }, false);
  }
  if (valid.size() < all.size()) fit(validity_, encoding_.encode(all), validity, anew);
}

Beliefs FigureModels::predict(std::span<const Choices> candidates) const {
  const Points points = encoding_.encode(candidates);
  Beliefs beliefs;
  beliefs.logarithmic = logarithmic_;
  for (const Model& model : objectives_) {
    beliefs.objectives.push_back(model.process->predict(points));
  }
  for (const Model& model : excesses_) beliefs.excesses.push_back(model.process->predict(points));
  if (validity_.process) beliefs.validity = validity_.process->predict(points);
  return beliefs;
}

void FigureModels::believe(Beliefs& beliefs, std::size_t i) const {
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    objectives_[k].process->believe(beliefs.objectives[k], i);
  }
  for (std::size_t j = 0; j < excesses_.size(); ++j) {
    excesses_[j].process->believe(beliefs.excesses[j], i);
  }
  if (validity_.process) validity_.process->believe(*beliefs.validity, i);
}

}  // namespace dovetail
