#include "nas/experiments/gradient/surrogate_gradient_costs.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {
namespace {

class SurrogateGradientCosts : public DifferentiableCosts {
 public:
  SurrogateGradientCosts(const SearchSpace& space, std::shared_ptr<const Surrogate> surrogate)
      : space_(space), relaxed_(std::move(surrogate)) {}

  RelaxedCosts add_gradient(std::span<const double> probabilities, double latency_weight,
                            double infeasible_weight, std::span<double> gradient) override {
    const RelaxedSurrogate::Value value =
        relaxed_.add_gradient(probabilities, latency_weight, infeasible_weight, gradient);
    return {value.log_latency, value.infeasible};
  }

  double latency_ms(const Choices& pair) override {
    return latencies_ms(std::span(&pair, 1)).front();
  }

  std::vector<double> latencies_ms(std::span<const Choices> pairs) override {
    std::vector<Choices> networks, designs;
    for (const Choices& pair : pairs) {
      Candidate candidate = space_.decode(pair);
      networks.push_back(std::move(candidate.network));
      designs.push_back(std::move(candidate.hardware));
    }
    std::vector<double> latencies;
    for (const CostPrediction& found : relaxed_.surrogate().predict(networks, designs)) {
      latencies.push_back(found.feasible_probability < 0.5 ? std::numeric_limits<double>::infinity()
                                                           : found.costs.latency_ms);
    }
    return latencies;
  }

  std::string description() const override {
    return fmt::format("surrogate of {} member{}, by the gradient by its inputs",
                       relaxed_.surrogate().members(),
                       relaxed_.surrogate().members() == 1 ? "" : "s");
  }

 private:
  const SearchSpace& space_;
  RelaxedSurrogate relaxed_;
};

}  // namespace

std::unique_ptr<DifferentiableCosts> surrogate_gradient_costs(
    const SearchSpace& space, std::shared_ptr<const Surrogate> surrogate) {
  surrogate->require_spaces(describe(*space.network().space), describe(*space.hardware().space));
  return std::make_unique<SurrogateGradientCosts>(space, std::move(surrogate));
}

}  // namespace dovetail
