#include "nas/strategy/told_figures.h"

#include <algorithm>
#include <cmath>

#include "nas/objective/pareto.h"

namespace dovetail {

ToldFigures told_figures(std::span<const ToldCandidate> told, std::span<const std::size_t> points,
                         const FigureSettings& settings) {
  ToldFigures figures;
  std::vector<const Outcome*> outcomes;  // of the valid ones
  for (const std::size_t t : points) {
    figures.all.push_back(told[t].choices);
    figures.is_valid.push_back(told[t].outcome.valid);
    if (!told[t].outcome.valid) continue;
    figures.valid.push_back(told[t].choices);
    outcomes.push_back(&told[t].outcome);
  }
  const auto values_of = [&](const auto& value_of) {
    std::vector<double> values;
    for (const Outcome* outcome : outcomes) values.push_back(value_of(*outcome));
    return values;
  };
  const std::size_t objectives = settings.reward ? 1 : outcomes.front()->objectives.size();
  for (std::size_t k = 0; k < objectives; ++k) {
    figures.objectives.push_back(values_of([&](const Outcome& outcome) {
      return settings.reward ? outcome.reward : outcome.objectives[k];
    }));
    std::vector<double>& values = figures.objectives.back();
    figures.logarithmic.push_back(settings.logarithms && !settings.reward &&
                                  std::ranges::all_of(values, [](double x) { return x > 0; }));
    if (!figures.logarithmic.back()) continue;
    for (double& value : values) value = std::log(value);
  }
  const std::size_t excesses = settings.constraints ? outcomes.front()->excesses.size() : 0;
  for (std::size_t j = 0; j < excesses; ++j) {
    figures.excesses.push_back(
        values_of([&](const Outcome& outcome) { return outcome.excesses[j]; }));
  }
  return figures;
}

std::vector<std::size_t> points_to_learn(std::size_t count, std::span<const std::size_t> preferred,
                                         std::size_t most) {
  std::vector<std::size_t> points(preferred.begin(), preferred.end());
  points.resize(std::min(points.size(), most));
  std::vector<bool> taken(count, false);
  for (const std::size_t t : points) taken[t] = true;
  for (std::size_t t = count; t-- > 0 && points.size() < most;) {
    if (!taken[t]) points.push_back(t);
  }
  return points;
}

std::vector<std::size_t> best_on_front(std::span<const ToldCandidate> told, std::size_t count) {
  std::vector<Outcome> outcomes;
  for (const ToldCandidate& candidate : told) outcomes.push_back(candidate.outcome);
  std::vector<std::size_t> order = rank_and_crowding_order(outcomes);
  order.resize(std::min(count, order.size()));
  return order;
}

}  // namespace dovetail
