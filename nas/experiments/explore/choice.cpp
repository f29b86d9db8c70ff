#include "nas/experiments/explore/choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "nas/objective/pareto.h"

namespace dovetail {
namespace {

/// Counts the limits that a configuration breaks; whether it breaks none.
bool count_broken(const ExploredSet& set, const std::vector<SetLimit>& limits, std::uint64_t index,
                  std::vector<LimitCount>& counts) {
  std::size_t broken = 0, last = 0;
  for (std::size_t l = 0; l < limits.size(); ++l) {
    if (set.value(limits[l].figure, index) <= limits[l].most) continue;
    ++counts[l].breaks;
    ++broken;
    last = l;
  }
  if (broken == 1) ++counts[last].breaks_alone;
  return broken == 0;
}

std::vector<std::uint64_t> front_of(const ExploredSet& set, const ChoiceQuery& query,
                                    const std::vector<std::uint64_t>& within) {
  const auto outcome_of = [&](std::size_t i) {
    Outcome outcome;
    outcome.valid = true;
    outcome.violation = 0;
    for (const SetFigure& figure : query.front) {
      outcome.objectives.push_back(set.value(figure, within[i]));
    }
    return outcome;
  };
  std::vector<std::uint64_t> front;
  for (const std::size_t i : front_positions(within.size(), outcome_of)) {
    front.push_back(within[i]);
  }
  return front;
}

void put_best_first(const ExploredSet& set, const ChoiceQuery& query,
                    std::vector<std::uint64_t>& within) {
  std::vector<std::tuple<double, double, std::uint64_t>> order;
  for (const std::uint64_t i : within) {
    order.emplace_back(set.value(*query.choose, i), set.excess(query.limits, i), i);
  }
  std::sort(order.begin(), order.end());
  for (std::size_t k = 0; k < order.size(); ++k) within[k] = std::get<2>(order[k]);
}

void find_nearest(const ExploredSet& set, const ChoiceQuery& query,
                  const std::vector<std::uint64_t>& broken, SetChoice& choice) {
  const double answer = choice.within.empty() ? std::numeric_limits<double>::infinity()
                                              : set.value(*query.choose, choice.within.front());
  double least = std::numeric_limits<double>::infinity();
  for (const std::uint64_t i : broken) {
    if (!(set.value(*query.choose, i) < answer)) continue;
    ++choice.better_but;
    const double excess = set.excess(query.limits, i);
    if (!(excess < least)) continue;
    least = excess;
    choice.nearest = i;
  }
}

}  // namespace

ExploredSet::ExploredSet(std::span<const Exploration> explorations)
    : explorations_(explorations), costs_(explorations.size()) {}

bool ExploredSet::runs(std::uint64_t index) const {
  return std::ranges::all_of(explorations_,
                             [&](const Exploration& e) { return e.points[index].feasible(); });
}

bool ExploredSet::left_out(std::uint64_t index) const {
  return std::ranges::any_of(explorations_, [&](const Exploration& e) {
    return e.points[index].reason == InfeasibleReason::kOverMaxArea;
  });
}

double ExploredSet::value(const SetFigure& figure, std::uint64_t index) const {
  for (std::size_t m = 0; m < costs_.size(); ++m) costs_[m] = &explorations_[m].points[index];
  return figure.of(costs_);
}

double ExploredSet::excess(const std::vector<SetLimit>& limits, std::uint64_t index) const {
  if (limits.empty()) return 0;
  double worst = -std::numeric_limits<double>::infinity();
  for (const SetLimit& limit : limits) {
    worst = std::max(worst, value(limit.figure, index) / limit.most - 1);
  }
  return worst;
}

SetChoice choose(const ExploredSet& set, const ChoiceQuery& query) {
  SetChoice choice;
  choice.configurations = set.size();
  choice.limits.resize(query.limits.size());
  std::vector<std::uint64_t> broken;
  for (std::uint64_t i = 0; i < set.size(); ++i) {
    if (!set.runs(i)) continue;
    ++choice.runs;
    (count_broken(set, query.limits, i, choice.limits) ? choice.within : broken).push_back(i);
  }
  choice.front = front_of(set, query, choice.within);
  if (!query.choose) return choice;
  put_best_first(set, query, choice.within);
  find_nearest(set, query, broken, choice);
  return choice;
}

}  // namespace dovetail
