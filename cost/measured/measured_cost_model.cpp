#include "cost/measured/measured_cost_model.h"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "base/text/error.h"
#include "cost/model/lookup_stream.h"

namespace dovetail {
namespace {

/// Of those that the costs are to have, the first that is not known; null if all are.
const Figure* unknown_figure(const std::vector<const Figure*>& needed, const Costs& costs) {
  for (const Figure* figure : needed) {
    if (!figure->maximise && std::isnan(figure->of(costs))) return figure;
  }
  return nullptr;
}

}  // namespace

MeasuredCostModel::MeasuredCostModel(std::shared_ptr<const MeasuredCosts> costs, PairSet set,
                                     std::vector<const Figure*> needed)
    : costs_(std::move(costs)), set_(std::move(set)), needed_(std::move(needed)) {
  const Figure* unknown = unknown_figure(needed_, combined(costs_->columns()));
  if (unknown == nullptr) return;
  throw InputError(Location{costs_->file()},
                   fmt::format("has no column of which '{}' follows, and the study uses it "
                               "(cost.columns says what columns are called)",
                               unknown->key));
}

Costs MeasuredCostModel::combined(const std::vector<Costs>& costs) const {
  if (set_.empty()) return costs.front();
  std::vector<const Costs*> members;
  for (const Costs& its : costs) members.push_back(&its);
  return costs_of_set(set_.members, set_.figures, members);
}

Costs MeasuredCostModel::look_up(const Pair& pair) const {
  Costs costs = combined(costs_->of(pair));
  const Figure* unknown = unknown_figure(needed_, costs);
  if (unknown == nullptr) return costs;
  throw InputError(Location{costs_->file()},
                   fmt::format("has no {} of {}", unknown->key, costs_->describe(pair)));
}

std::uint64_t MeasuredCostModel::stream(const PairStream& pairs) {
  return stream_lookups(
      pairs, [this](const Pair& pair) { return look_up(pair); }, "not measured");
}

}  // namespace dovetail
