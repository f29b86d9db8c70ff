#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nas/strategy/strategy.h"

namespace dovetail {

/// A number that tunes a strategy, as named in study files.
struct StrategyParameter {
  std::string name;
  double default_value, min, max;
  bool integer;
  std::string meaning;
};

/// A value for every parameter of a strategy.
using StrategyParameters = std::map<std::string, double>;

/// With what a strategy takes from the size of a search, where it is left open: a `horizon` of 0.
StrategyParameters for_evaluations(StrategyParameters parameters, std::size_t evaluations);

/// One row of the table of strategies.
struct StrategyInfo {
  std::string name;
  std::string description;
  bool uses_reward;  // maximises Outcome::reward; otherwise it uses Outcome::objectives
  std::vector<StrategyParameter> parameters;
  /// `domain` must outlive the strategy; `parameters` has all and nothing else, within range.
  std::unique_ptr<Strategy> (*make)(const SearchDomain& domain,
                                    const StrategyParameters& parameters, std::uint64_t seed);
  bool uses_seed = true;  // false: nothing is drawn, every seed asks the same

  StrategyParameters defaults() const;
};

/// To add a strategy: write its file, add its row in strategies.cpp. The conformance tests and
/// `dovetail list strategies` follow the table.
std::span<const StrategyInfo> strategies();
/// What it asks for comes from a policy that a study trains beforehand, together with shared
/// weights (nas/oneshot/oneshot_search.h), so it is in no table of those that search by answers.
const StrategyInfo& oneshot_strategy();
/// Candidates come from outside (`dovetail study tell`), so it is in no table of those that search:
/// it cannot be made.
const StrategyInfo& external_strategy();
/// Throws InputError naming the nearest known strategy.
const StrategyInfo& find_strategy(const std::string& name);

}  // namespace dovetail
