#pragma once

#include <memory>
#include <string>

#include "cost/model/cost_model.h"
#include "cost/surrogate/net/surrogate.h"
#include "sim/simulator.h"

namespace dovetail {

/// Predicts latency, energy and feasibility with a trained surrogate, and their spread if it is an
/// ensemble; the area is exact. Speaks about pairs that are points of both spaces.
class SurrogateCosts : public CostModel {
 public:
  /// `technology`: of the areas. Throws InputError unless the domain has the two spaces that the
  /// surrogate was trained on (Surrogate::require_spaces()).
  SurrogateCosts(PairDomain domain, std::shared_ptr<const Surrogate> surrogate,
                 const std::string& technology);

  std::uint64_t stream(const PairStream& pairs) override;
  bool simulates() const override { return false; }

 private:
  PairDomain domain_;
  std::shared_ptr<const Surrogate> surrogate_;
  Simulator simulator_;  // for areas only
};

}  // namespace dovetail
