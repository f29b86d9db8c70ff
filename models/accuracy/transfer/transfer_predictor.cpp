#include "models/accuracy/transfer/transfer_predictor.h"

#include <fmt/core.h>

#include "base/text/error.h"
#include "models/accuracy/transfer/transfer_model.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

class TransferPredictor : public AccuracySource {
 public:
  TransferPredictor(TransferModel model, std::string file, const NetworkSpace& space)
      : model_(std::move(model)), file_(std::move(file)), space_(space) {}

  AccuracyEstimate accuracy(const Choices& network) override {
    try {
      return {model_.predict(space_.build(network)), true};
    } catch (const InputError& e) {
      throw InputError(Location{file_}, e.what());
    }
  }

  std::string description() const override {
    return fmt::format(
        "transfer {} (extrapolated from effects in space {}, {} published networks, leave-one-out "
        "RMSE {:.2f} points, largest error {:.2f})",
        file_, model_.effects_space, model_.networks.size(), model_.error.rmse_points,
        model_.error.max_points);
  }

 private:
  TransferModel model_;
  std::string file_;
  const NetworkSpace& space_;
};

}  // namespace

std::unique_ptr<AccuracySource> load_transfer_predictor(const std::filesystem::path& file,
                                                        const NetworkSpace& space) {
  auto predictor =
      std::make_unique<TransferPredictor>(TransferModel::load(file), file.string(), space);
  const DecisionSpace& decisions = space.decisions();
  Choices choices(decisions.size(), 0);
  for (std::size_t d = 0; d < decisions.size(); ++d) {
    for (std::size_t c = 0; c < decisions[d].choices.size(); ++c) {
      choices[d] = static_cast<Choices::value_type>(c);
      predictor->accuracy(choices);
    }
    choices[d] = 0;
  }
  return predictor;
}

}  // namespace dovetail
