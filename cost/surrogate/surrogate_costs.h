#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cost/model/cost_model.h"
#include "cost/surrogate/net/surrogate.h"
#include "sim/simulator.h"

namespace dovetail {

/// One prediction for each pair network[i], hardware[i], points of the two spaces.
using PredictPairs = std::function<std::vector<CostPrediction>(std::span<const Choices> network,
                                                               std::span<const Choices> hardware)>;

/// Those of a trained surrogate.
PredictPairs predictions_of(std::shared_ptr<const Surrogate> surrogate);

/// Predicts latency, energy and feasibility with a model that has learned them, and their spread if
/// it is an ensemble; the area is exact. Speaks about pairs that are points of both spaces.
class SurrogateCosts : public CostModel {
 public:
  /// `technology`: of the areas. Throws InputError unless the domain has two spaces; which ones the
  /// predictions are of is for the caller to know (Surrogate::require_spaces()).
  SurrogateCosts(PairDomain domain, PredictPairs predict, const std::string& technology);

  std::uint64_t stream(const PairStream& pairs) override;
  bool simulates() const override { return false; }

 private:
  PairDomain domain_;
  PredictPairs predict_;
  Simulator simulator_;  // for areas only
};

}  // namespace dovetail
