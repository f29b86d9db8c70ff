#include "nas/strategy/strategies.h"

#include "base/error.h"
#include "base/text.h"
#include "nas/strategy/nsga2.h"
#include "nas/strategy/random.h"
#include "nas/strategy/regularized_evolution.h"

namespace dovetail {
namespace {

const std::vector<StrategyInfo>& table() {
  static const std::vector<StrategyInfo> rows{
      {"nsga2",
       "Pareto front by non-dominated sorting and crowding distance, with constraints (Deb 2002)",
       false,
       {{"population", 100, 4, 100'000, true, "members that survive a generation"},
        {"crossover", 0.9, 0, 1, false, "probability that a child has two parents"},
        {"mutations", 1, 0, 1000, false, "mean number of decisions changed in a child"}},
       make_nsga2},
      {"random", "uniform over every decision", false, {}, make_random},
      {"regularized_evolution",
       "aging evolution: tournament, one mutation, the oldest dies (Real 2019)",
       true,
       {{"population", 100, 2, 100'000, true, "members alive"},
        {"tournament", 25, 1, 100'000, true, "members drawn to find a parent"}},
       make_regularized_evolution},
  };
  return rows;
}

}  // namespace

StrategyParameters StrategyInfo::defaults() const {
  StrategyParameters values;
  for (const StrategyParameter& parameter : parameters) {
    values[parameter.name] = parameter.default_value;
  }
  return values;
}

std::span<const StrategyInfo> strategies() {
  return table();
}

const StrategyInfo& find_strategy(const std::string& name) {
  std::vector<std::string> known;
  for (const StrategyInfo& strategy : table()) {
    if (strategy.name == name) return strategy;
    known.push_back(strategy.name);
  }
  throw InputError(unknown_name("strategy", name, known));
}

}  // namespace dovetail
