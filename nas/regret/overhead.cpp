#include "nas/regret/overhead.h"

#include <algorithm>
#include <chrono>

#include "base/random.h"

namespace dovetail {

double strategy_overhead_us(const SearchDomain& domain, const StrategyChoice& choice,
                            std::size_t trials) {
  using Clock = std::chrono::steady_clock;
  const auto strategy = choice.info->make(domain, choice.parameters, 0);
  Rng rng(1);
  Clock::duration spent{};
  std::size_t done = 0;
  while (done < trials) {
    const auto before_ask = Clock::now();
    const auto asked = strategy->ask(std::min(strategy->preferred_batch(), trials - done));
    spent += Clock::now() - before_ask;
    if (asked.empty()) break;
    std::vector<Outcome> outcomes(asked.size());
    for (Outcome& outcome : outcomes) {
      outcome.valid = rng.uniform() >= 0.1;
      if (!outcome.valid) continue;
      outcome.violation = 0;
      outcome.objectives = {rng.uniform(), rng.uniform()};
      outcome.reward = rng.uniform();
    }
    const auto before_tell = Clock::now();
    strategy->tell(asked, outcomes);
    spent += Clock::now() - before_tell;
    done += asked.size();
  }
  return std::chrono::duration<double, std::micro>(spent).count() / static_cast<double>(done);
}

}  // namespace dovetail
