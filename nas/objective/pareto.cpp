#include "nas/objective/pareto.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>

namespace dovetail {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Ranks of the acceptable among `order` (sorted lexicographically by objectives), which all come
/// before the others. Returns the number of fronts.
int rank_acceptable(std::span<const Outcome> outcomes, std::span<const std::size_t> order,
                    std::vector<int>& ranks) {
  std::vector<std::vector<std::size_t>> fronts;
  for (const std::size_t i : order) {
    const auto dominates_i = [&](std::size_t j) {
      return dominates(outcomes[j].objectives, outcomes[i].objectives);
    };
    std::size_t front = 0;
    // In lexicographic order nothing that follows dominates what came before, and the newest
    // members of a front are the likeliest to dominate.
    while (front < fronts.size() &&
           std::any_of(fronts[front].rbegin(), fronts[front].rend(), dominates_i)) {
      ++front;
    }
    if (front == fronts.size()) fronts.emplace_back();
    fronts[front].push_back(i);
    ranks[i] = static_cast<int>(front);
  }
  return static_cast<int>(fronts.size());
}

}  // namespace

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

bool constrained_dominates(const Outcome& a, const Outcome& b) {
  if (a.acceptable() && b.acceptable()) return dominates(a.objectives, b.objectives);
  return a.violation < b.violation;
}

std::vector<int> non_dominated_ranks(std::span<const Outcome> outcomes) {
  std::vector<std::size_t> order(outcomes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (outcomes[a].violation != outcomes[b].violation) {
      return outcomes[a].violation < outcomes[b].violation;
    }
    if (outcomes[a].objectives != outcomes[b].objectives) {
      return outcomes[a].objectives < outcomes[b].objectives;
    }
    return a < b;
  });
  const auto first_violating =
      std::find_if(order.begin(), order.end(),
                   [&](std::size_t i) { return !outcomes[i].acceptable(); }) -
      order.begin();

  std::vector<int> ranks(outcomes.size(), 0);
  const std::span sorted(order);
  int rank = rank_acceptable(outcomes, sorted.first(first_violating), ranks) - 1;
  double violation = 0;
  for (const std::size_t i : sorted.subspan(first_violating)) {
    if (outcomes[i].violation > violation) ++rank;
    violation = outcomes[i].violation;
    ranks[i] = rank;
  }
  return ranks;
}

std::vector<double> crowding_distances(std::span<const Outcome> outcomes,
                                       std::span<const std::size_t> members) {
  std::vector<double> distances(members.size(), 0.0);
  std::vector<std::size_t> order;
  for (std::size_t m = 0; m < members.size(); ++m) {
    if (outcomes[members[m]].valid) order.push_back(m);
  }
  if (order.empty()) return distances;
  const std::size_t objectives = outcomes[members[order[0]]].objectives.size();
  for (std::size_t k = 0; k < objectives; ++k) {
    const auto value = [&](std::size_t m) { return outcomes[members[m]].objectives[k]; };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return value(a) != value(b) ? value(a) < value(b) : a < b;
    });
    const double range = value(order.back()) - value(order.front());
    distances[order.front()] = distances[order.back()] = kInfinity;
    for (std::size_t i = 1; i + 1 < order.size() && range > 0; ++i) {
      distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
  }
  return distances;
}

std::vector<std::size_t> rank_and_crowding_order(std::span<const Outcome> outcomes) {
  const std::vector<int> ranks = non_dominated_ranks(outcomes);
  std::vector<std::vector<std::size_t>> fronts;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (static_cast<std::size_t>(ranks[i]) >= fronts.size()) fronts.resize(ranks[i] + 1);
    fronts[ranks[i]].push_back(i);
  }
  std::vector<std::size_t> result;
  for (const std::vector<std::size_t>& front : fronts) {
    const std::vector<double> crowding = crowding_distances(outcomes, front);
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return crowding[a] > crowding[b]; });
    for (const std::size_t i : order) result.push_back(front[i]);
  }
  return result;
}

std::vector<std::size_t> front_positions(std::size_t count,
                                         const std::function<Outcome(std::size_t)>& outcome_of) {
  ParetoArchive archive;
  for (std::size_t i = 0; i < count; ++i) {
    archive.insert(outcome_of(i), static_cast<std::int64_t>(i));
  }
  std::vector<std::size_t> positions;
  for (const ParetoArchive::Entry& entry : archive.entries()) {
    positions.push_back(static_cast<std::size_t>(entry.id));
  }
  return positions;
}

bool ParetoArchive::insert(const Outcome& outcome, std::int64_t id) {
  if (!outcome.acceptable()) return false;
  const std::vector<double>& point = outcome.objectives;
  const auto place = std::lower_bound(
      entries_.begin(), entries_.end(), point,
      [](const Entry& entry, const std::vector<double>& p) { return entry.objectives < p; });
  if (place != entries_.end() && place->objectives == point) {
    const bool replaces = id < place->id;
    if (replaces) place->id = id;
    return replaces;
  }
  // In lexicographic order what dominates comes before, the nearest being the likeliest, and what
  // is dominated comes after.
  const auto dominates_point = [&](const Entry& entry) {
    return dominates(entry.objectives, point);
  };
  if (std::any_of(std::make_reverse_iterator(place), entries_.rend(), dominates_point)) {
    return false;
  }
  const auto at = place - entries_.begin();
  const auto dominated = [&](const Entry& entry) { return dominates(point, entry.objectives); };
  entries_.erase(std::remove_if(place, entries_.end(), dominated), entries_.end());
  entries_.insert(entries_.begin() + at, Entry{point, id});
  return true;
}

std::vector<std::vector<double>> ParetoArchive::points() const {
  std::vector<std::vector<double>> points;
  for (const Entry& entry : entries_) points.push_back(entry.objectives);
  return points;
}

}  // namespace dovetail
