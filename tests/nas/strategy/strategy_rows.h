#pragma once

#include <ostream>

#include "nas/strategy/strategies.h"

namespace dovetail {

/// The name of a row in test names and messages.
inline void PrintTo(const StrategyInfo& strategy, std::ostream* out) {
  *out << strategy.name;
}

/// Only a policy asks for a candidate again, since it draws what it believes in.
inline bool repeats(const StrategyInfo& strategy) {
  return strategy.name == "ppo" || strategy.name == "reinforce";
}

}  // namespace dovetail
