#pragma once

#include <cstddef>
#include <string>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// The strategy that a search for a front gets if nobody names one.
struct DefaultStrategy {
  const StrategyInfo* info = nullptr;
  StrategyParameters parameters;
  std::string why;  // a sentence
};

/// The best known for the budget, by the tables of docs/strategies.md: every candidate where that
/// is affordable; models of the figures up to kMostModelled evaluations; a population beyond, where
/// the models' own time would count and their gain is small. `points` is the size of the space.
DefaultStrategy default_strategy(std::size_t evaluations, double points);

inline constexpr std::size_t kMostModelled = 2000;

}  // namespace dovetail
