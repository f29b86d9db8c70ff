#include "cost/model/cost_model.h"

#include <utility>

namespace dovetail {

const Costs& PairCosts::checked() const {
  if (failure) bytes_of(*failure);
  return costs;
}

std::vector<PairCosts> CostModel::costs(std::span<const Pair> pairs, const KeepGoing& keep_going) {
  std::vector<PairCosts> found;
  PairStream asked;
  asked.count = pairs.size();
  asked.pair = [&](std::uint64_t i) { return pairs[i]; };
  asked.deliver = [&](std::uint64_t, const Pair&, const PairCosts& costs) {
    found.push_back(costs);
  };
  asked.keep_going = keep_going;
  stream(asked);
  return found;
}

Costs CostModel::costs_of(const Pair& pair) {
  return costs(std::span(&pair, 1)).at(0).checked();
}

}  // namespace dovetail
