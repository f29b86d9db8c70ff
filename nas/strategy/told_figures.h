#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nas/strategy/strategy.h"

namespace dovetail {

/// A candidate that was asked for, and what became of it.
struct ToldCandidate {
  Choices choices;
  Outcome outcome;
};

/// Which figures are learned, and how.
struct FigureSettings {
  bool reward = false;      // the reward in place of the objectives
  bool constraints = true;  // the excess of each constraint too
  bool logarithms = true;   // of objectives that are all positive, as costs are
};

/// What models of the figures learn from: a value a valid candidate.
struct ToldFigures {
  std::vector<Choices> all, valid;
  std::vector<bool> is_valid;                   // of all
  std::vector<std::vector<double>> objectives;  // [objective]; or one, the reward
  std::vector<bool> logarithmic;                // of each objective: its logarithms stand there
  std::vector<std::vector<double>> excesses;    // [constraint]
};

/// Of the candidates at `points` of `told`, at least one of which is valid.
ToldFigures told_figures(std::span<const ToldCandidate> told, std::span<const std::size_t> points,
                         const FigureSettings& settings);

/// At most `most` positions of `count` candidates: those of `preferred` first, then the latest.
std::vector<std::size_t> points_to_learn(std::size_t count, std::span<const std::size_t> preferred,
                                         std::size_t most);

/// At most `count` positions of `told`, best first: by rank, then by crowding distance.
std::vector<std::size_t> best_on_front(std::span<const ToldCandidate> told, std::size_t count);

}  // namespace dovetail
