#pragma once

#include <memory>
#include <string>

#include "base/files/yaml.h"
#include "base/numbers/random.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "nas/experiments/gradient/fitted_costs.h"
#include "nas/experiments/gradient/gradient_problem.h"

namespace dovetail::test {

/// 54 networks, of which a depth decides whether the last block is there, on 12 accelerators;
/// drawn accuracies, and latencies by a fit on simulated pairs.
class TinyGradientProblem {
 public:
  explicit TinyGradientProblem(double max_area_mm2 = 1000)
      : simulation_(pair_domain(*space_.network().space, *space_.hardware().space), {}),
        problem_(space_, drawn_accuracy(), simulation_, max_area_mm2),
        costs_(fit_costs(space_, simulation_, {300, 50, 300, 1}, {})) {}

  const GradientProblem& problem() const { return problem_; }
  DifferentiableCosts& costs() { return *costs_; }
  const SearchSpace& space() const { return space_; }

 private:
  static NetworkSide networks() {
    return {std::make_shared<NetworkSpace>(
                NetworkSpace::parse("schema: dovetail.network_space/1\n"
                                    "name: tiny\n"
                                    "input: {height: 32, width: 32, channels: 8}\n"
                                    "decisions:\n"
                                    "  - {name: k, choices: [3, 5, 7]}\n"
                                    "  - {name: e, choices: [2, 4, 6]}\n"
                                    "  - {name: d, choices: [1, 2]}\n"
                                    "  - {name: last, choices: [2, 4, 6]}\n"
                                    "blocks:\n"
                                    "  - conv k=3 c=16 act=relu name=stem\n"
                                    "  - mb k=$k e=$e c=16 act=relu\n"
                                    "  - mb k=3 e=$last c=16 act=relu when $d >= 2\n"
                                    "  - pool\n"
                                    "  - fc c=10\n",
                                    "tiny.yaml")),
            std::nullopt, nullptr};
  }
  static HardwareSide accelerators() {
    const auto space = std::make_shared<DesignSpace>(
        DesignSpace::read(YamlNode::parse("schema: dovetail.design_space/1\n"
                                          "name: tiny\n"
                                          "base: nahas_baseline\n"
                                          "decisions:\n"
                                          "  - {name: pes_x, choices: [1, 2, 4]}\n"
                                          "  - {name: compute_lanes, choices: [1, 2]}\n"
                                          "  - {name: io_bandwidth_gbps, choices: [10, 20]}\n",
                                          "tiny.yaml"),
                          "."));
    return {space, space->base(), std::nullopt};
  }
  RidgeModel drawn_accuracy() const {
    RidgeModel model;
    model.decisions = space_.network().space->decisions();
    const std::size_t features = ChoiceFeatures(model.decisions).count();
    model.ridge = PairRidge::zero(features);
    model.ridge.intercept = 70;
    Rng rng(2);
    for (double& c : model.ridge.single) c = rng.normal();
    for (double& c : model.ridge.pair) c = 0.5 * rng.normal();
    model.ridge.single_seen.assign(features, true);
    model.fitted_min = 60;
    model.fitted_max = 80;
    return model;
  }

  SearchSpace space_{networks(), accelerators(), Scope::kJoint};
  SimulationCosts simulation_;
  GradientProblem problem_;
  std::unique_ptr<DifferentiableCosts> costs_;
};

}  // namespace dovetail::test
