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

  const auto learned = points_to_learn(told.size(), preferred, settings_.most_points);
  const ToldFigures figures = told_figures(told, learned, settings_);
  const Points points = encoding_.encode(figures.valid);
  objectives_.resize(figures.objectives.size());
  logarithmic_ = figures.logarithmic;
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    fit(objectives_[k], points, figures.objectives[k], anew);
  }
  excesses_.resize(figures.excesses.size());
  for (std::size_t j = 0; j < excesses_.size(); ++j) {
    fit(excesses_[j], points, figures.excesses[j], anew);
  }
  if (figures.valid.size() == figures.all.size()) return;
  std::vector<double> validity;
  for (const bool valid : figures.is_valid) validity.push_back(valid ? 1 : -1);
  fit(validity_, encoding_.encode(figures.all), validity, anew);
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
