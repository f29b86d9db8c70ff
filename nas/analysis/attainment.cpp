#include "nas/analysis/attainment.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/csv.h"
#include "base/text/text.h"
#include "nas/objective/hypervolume.h"

namespace dovetail {
namespace {

constexpr double kHypervolumeLevels[] = {50, 75, 90, 95, 99};  // percent of the best known
constexpr double kRewardLevels[] = {90, 95, 98, 99, 99.9};

Outcome acceptable(const std::vector<double>& objectives) {
  Outcome outcome;
  outcome.valid = true;
  outcome.violation = 0;
  outcome.objectives = objectives;
  return outcome;
}

/// Evaluation counts at which searches got there, sorted.
std::vector<std::int64_t> sorted(const std::vector<std::optional<std::int64_t>>& reached) {
  std::vector<std::int64_t> counts;
  for (const auto& count : reached) {
    if (count) counts.push_back(*count);
  }
  std::sort(counts.begin(), counts.end());
  return counts;
}

/// One target for the searches of `kind`; `reached` is asked for each.
template <typename Reached>
Attainment attainment(const SearchKind& kind, const std::string& target, double percent,
                      double value, Reached reached) {
  Attainment it{kind.name, target, format_number(percent) + " %", value, 0, {}};
  for (const SearchHistory* search : kind.searches) {
    it.evaluations = std::max(it.evaluations, search->evaluations());
    it.reached.push_back(reached(*search));
  }
  return it;
}

std::optional<double> best_known_reward(const std::vector<SearchKind>& kinds) {
  std::optional<double> best;
  for (const SearchKind& kind : kinds) {
    for (const SearchHistory* search : kind.searches) {
      const std::optional<double> mine = search->best_reward();
      if (mine && (!best || *mine > *best)) best = mine;
    }
  }
  return best;
}

}  // namespace

void SearchHistory::add(const Outcome& outcome) {
  ++evaluations_;
  if (!outcome.acceptable()) return;
  if (front_.insert(outcome, evaluations_))
    entrants_.emplace_back(evaluations_, outcome.objectives);
  if (rewards_.empty() || outcome.reward > rewards_.back().second) {
    rewards_.emplace_back(evaluations_, outcome.reward);
  }
}

std::optional<double> SearchHistory::best_reward() const {
  return rewards_.empty() ? std::nullopt : std::optional(rewards_.back().second);
}

std::optional<std::int64_t> SearchHistory::evaluations_to_hypervolume(
    double level, const std::vector<double>& reference) const {
  const auto reaches = [&](std::size_t count) {
    ParetoArchive archive;
    for (std::size_t i = 0; i < count; ++i) archive.insert(acceptable(entrants_[i].second), 0);
    return hypervolume(archive.points(), reference) >= level;
  };
  if (entrants_.empty() || !reaches(entrants_.size())) return std::nullopt;
  std::size_t too_few = 0, enough = entrants_.size();  // it never falls
  while (too_few + 1 < enough) {
    const std::size_t middle = (too_few + enough) / 2;
    (reaches(middle) ? enough : too_few) = middle;
  }
  return entrants_[enough - 1].first;
}

std::optional<std::int64_t> SearchHistory::evaluations_to_reward(double level) const {
  for (const auto& [evaluations, reward] : rewards_) {
    if (reward >= level) return evaluations;
  }
  return std::nullopt;
}

std::size_t Attainment::searches_that_reached() const {
  return sorted(reached).size();
}

std::optional<std::int64_t> Attainment::median() const {
  const std::vector<std::int64_t> counts = sorted(reached);
  const std::size_t half = (reached.size() + 1) / 2;
  if (half == 0 || counts.size() < half) return std::nullopt;
  return counts[half - 1];
}

double best_known_hypervolume(const std::vector<SearchKind>& kinds,
                              const std::vector<double>& reference) {
  ParetoArchive all;
  for (const SearchKind& kind : kinds) {
    for (const SearchHistory* search : kind.searches) {
      for (const ParetoArchive::Entry& entry : search->front().entries()) {
        all.insert(acceptable(entry.objectives), 0);
      }
    }
  }
  return hypervolume(all.points(), reference);
}

std::vector<Attainment> attainments(const std::vector<SearchKind>& kinds,
                                    const std::vector<double>& reference) {
  std::vector<Attainment> all;
  const double best = best_known_hypervolume(kinds, reference);
  for (const double percent : kHypervolumeLevels) {
    if (best <= 0) break;
    for (const SearchKind& kind : kinds) {
      const double level = percent / 100 * best;
      all.push_back(
          attainment(kind, "hypervolume", percent, level, [&](const SearchHistory& search) {
            return search.evaluations_to_hypervolume(level, reference);
          }));
    }
  }
  const std::optional<double> reward = best_known_reward(kinds);
  for (const double percent : kRewardLevels) {
    if (reward.value_or(0) <= 0) break;
    for (const SearchKind& kind : kinds) {
      const double level = percent / 100 * *reward;
      all.push_back(attainment(kind, "reward", percent, level, [&](const SearchHistory& search) {
        return search.evaluations_to_reward(level);
      }));
    }
  }
  return all;
}

std::string attainment_csv(const std::vector<Attainment>& attainments) {
  CsvWriter csv("dovetail.attainment/1");
  csv.header({{"run"},
              {"target"},
              {"level"},
              {"value"},
              {"evaluations"},
              {"reached"},
              {"searches"},
              {"share_percent", "%"}});
  for (const Attainment& it : attainments) {
    if (it.reached.empty()) continue;
    const auto row = [&](std::int64_t evaluations, std::size_t reached) {
      const double share =
          100 * static_cast<double>(reached) / static_cast<double>(it.reached.size());
      csv.row(it.run, it.target, it.level, it.value, evaluations, reached, it.reached.size(),
              share);
    };
    row(0, 0);
    const std::vector<std::int64_t> counts = sorted(it.reached);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (i + 1 == counts.size() || counts[i + 1] != counts[i]) row(counts[i], i + 1);
    }
    if (counts.empty() || counts.back() < it.evaluations) row(it.evaluations, counts.size());
  }
  return csv.text();
}

}  // namespace dovetail
