#include "cost/surrogate/correction/corrected_costs.h"

#include <utility>

#include "base/text/error.h"

namespace dovetail {

CorrectedCosts::CorrectedCosts(std::shared_ptr<CostModel> model,
                               std::shared_ptr<const SimulatorCorrection> correction,
                               const PairDomain& domain, const std::string& technology)
    : model_(std::move(model)), correction_(std::move(correction)) {
  if (!domain.network.space || !domain.hardware.space) {
    throw InputError("a correction needs a network space and a hardware space");
  }
  correction_->require_simulator(*domain.network.space, *domain.hardware.space, technology);
}

std::uint64_t CorrectedCosts::stream(const PairStream& pairs) {
  PairStream simulated = pairs;
  simulated.deliver = [&](std::uint64_t i, const Pair& pair, const PairCosts& found) {
    if (found.failure || !found.costs.feasible()) return pairs.deliver(i, pair, found);
    PairCosts mine = found;
    const Answer answer = answer_of([&] {
      mine.costs = corrected(found.costs, correction_->ratios(pair));
      return std::string();
    });
    if (answer.kind != AnswerKind::kBytes) mine.failure = answer;
    pairs.deliver(i, pair, mine);
  };
  return model_->stream(simulated);
}

PredictPairs corrected_predictions(PredictPairs predict,
                                   std::shared_ptr<const SimulatorCorrection> correction) {
  return [predict = std::move(predict), correction = std::move(correction)](
             std::span<const Choices> network, std::span<const Choices> hardware) {
    std::vector<CostPrediction> predictions = predict(network, hardware);
    const std::vector<CostRatios> ratios = correction->ratios(network, hardware);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      predictions[i].costs = corrected(std::move(predictions[i].costs), ratios[i]);
    }
    return predictions;
  };
}

}  // namespace dovetail
