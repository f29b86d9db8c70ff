#pragma once

#include <memory>
#include <vector>

#include "cost/figures/figures.h"
#include "cost/measured/measured_costs.h"
#include "cost/model/cost_model.h"
#include "cost/model/pair_set.h"

namespace dovetail {

/// Looks candidates up among measured costs. What they lack is refused with its reason: the
/// candidate, or a figure of it that is needed.
class MeasuredCostModel : public CostModel {
 public:
  /// `set` is that of the targets of `costs`, or empty. Throws InputError if a figure of `needed`
  /// cannot be known of any pair.
  MeasuredCostModel(std::shared_ptr<const MeasuredCosts> costs, PairSet set,
                    std::vector<const Figure*> needed);

  std::uint64_t stream(const PairStream& pairs) override;
  bool knows_all_figures() const override { return false; }

 private:
  Costs combined(const std::vector<Costs>& costs) const;
  Costs look_up(const Pair& pair) const;

  std::shared_ptr<const MeasuredCosts> costs_;
  PairSet set_;
  std::vector<const Figure*> needed_;
};

}  // namespace dovetail
