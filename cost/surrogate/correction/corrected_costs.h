#pragma once

#include <memory>
#include <string>

#include "cost/model/cost_model.h"
#include "cost/surrogate/correction/simulator_correction.h"
#include "cost/surrogate/surrogate_costs.h"

namespace dovetail {

/// What another model simulates, corrected by what was measured of a device. Speaks about pairs
/// that are points of both spaces, since corrections are functions of choices.
class CorrectedCosts : public CostModel {
 public:
  /// `model` simulates pairs of the domain at the technology. Throws InputError unless the domain
  /// has the two spaces of the correction, and this build's simulator is the one corrected.
  CorrectedCosts(std::shared_ptr<CostModel> model,
                 std::shared_ptr<const SimulatorCorrection> correction, const PairDomain& domain,
                 const std::string& technology);

  /// A pair that the correction cannot speak about is delivered with that failure.
  std::uint64_t stream(const PairStream& pairs) override;
  bool simulates() const override { return model_->simulates(); }
  bool knows_all_figures() const override { return model_->knows_all_figures(); }

 private:
  std::shared_ptr<CostModel> model_;
  std::shared_ptr<const SimulatorCorrection> correction_;
};

/// Predictions of the simulator, corrected likewise.
PredictPairs corrected_predictions(PredictPairs predict,
                                   std::shared_ptr<const SimulatorCorrection> correction);

}  // namespace dovetail
