#include "cost/model/remembered_costs.h"

namespace dovetail {

std::uint64_t RememberedCosts::stream(const PairStream& pairs) {
  std::uint64_t done = 0;
  while (done < pairs.count && (!pairs.keep_going || pairs.keep_going())) {
    const Pair pair = pairs.pair(done);
    auto known = known_.find(pair);
    if (known == known_.end()) {
      const std::vector<PairCosts> found = model_->costs(std::span(&pair, 1), pairs.keep_going);
      if (found.empty()) break;
      known = known_.emplace(pair, found.front()).first;
    }
    pairs.deliver(done++, pair, known->second);
  }
  return done;
}

}  // namespace dovetail
