#include "models/accuracy/ridge/ridge_predictor.h"

#include <fmt/core.h>

#include "base/text/error.h"
#include "models/accuracy/measured/representatives.h"
#include "models/accuracy/ridge/ridge_model.h"
#include "models/network/space/network_space.h"
#include "models/network/space/space_description.h"

namespace dovetail {
namespace {

class RidgePredictor : public AccuracySource {
 public:
  RidgePredictor(RidgeModel model, std::string file, const NetworkSpace& space, OutOfRange mode)
      : model_(std::move(model)),
        features_(model_.decisions),
        representatives_(space),
        file_(std::move(file)),
        space_(space),
        mode_(mode) {}

  AccuracyEstimate accuracy(const Choices& point) override {
    const Choices& network = representatives_.of(point);
    const auto features = features_.of(network, space_.active(network));
    AccuracyEstimate estimate;
    estimate.top1_percent = model_.ridge.predict(features);
    estimate.extrapolated = !model_.all_seen(features) || !model_.in_range(estimate.top1_percent);
    if (estimate.extrapolated && mode_ == OutOfRange::kRefuse) {
      refuse(network, estimate.top1_percent);
    }
    return estimate;
  }

  std::string description() const override {
    return fmt::format(
        "ridge predictor {} (space {}, {} measured networks, held-out RMSE {:.3f} points, "
        "Kendall tau {:.3f})",
        file_, model_.space, model_.train, model_.held_out_error.rmse_points,
        model_.held_out_error.kendall_tau);
  }

 private:
  [[noreturn]] void refuse(const Choices& network, double top1) const {
    const std::vector<bool> active = space_.active(network);
    for (std::size_t d = 0; d < network.size(); ++d) {
      if (!active[d] || model_.ridge.single_seen[features_.index(d, network[d])]) continue;
      const Decision& decision = model_.decisions[d];
      throw InputError(Location{file_},
                       fmt::format("no network of the fit has {}={}; the predictor cannot speak "
                                   "for {}",
                                   decision.name, decision.choices[network[d]],
                                   model_.decisions.describe(network)));
    }
    throw InputError(
        Location{file_},
        fmt::format("predicted top-1 {:.3f} % is outside the fitted {:.3f} to {:.3f} % by more "
                    "than {:.3f} points for {}",
                    top1, model_.fitted_min, model_.fitted_max, model_.margin,
                    model_.decisions.describe(network)));
  }

  RidgeModel model_;
  ChoiceFeatures features_;
  Representatives representatives_;
  std::string file_;
  const NetworkSpace& space_;
  OutOfRange mode_;
};

}  // namespace

std::unique_ptr<AccuracySource> load_ridge_predictor(const std::filesystem::path& file,
                                                     const NetworkSpace& space,
                                                     OutOfRange out_of_range) {
  RidgeModel model = RidgeModel::load(file);
  require_same_decisions(space.decisions(), model.decisions, "network", file.string());
  return std::make_unique<RidgePredictor>(std::move(model), file.string(), space, out_of_range);
}

}  // namespace dovetail
