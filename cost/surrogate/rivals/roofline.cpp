#include "cost/surrogate/rivals/roofline.h"

#include <cmath>

#include "base/text/error.h"
#include "cost/surrogate/roofline/roofline_bound.h"
#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"

namespace dovetail {

double RooflineRival::bound_ms(const Choices& network, const Choices& hardware) const {
  return roofline_ms(networks_.build(network), accelerators_.decode(hardware));
}

void RooflineRival::fit(const Dataset& labels) {
  double sum = 0;
  std::size_t rows = 0;
  for (std::size_t r = 0; r < labels.rows(); ++r) {
    if (!labels.label(r).feasible()) continue;
    sum += std::log(labels.label(r).latency_ms / bound_ms(labels.network(r), labels.hardware(r)));
    ++rows;
  }
  if (rows == 0) throw InputError("no feasible row to fit the roofline to");
  factor_ = std::exp(sum / static_cast<double>(rows));
}

std::vector<CostPrediction> RooflineRival::predict(std::span<const Choices> network,
                                                   std::span<const Choices> hardware) const {
  std::vector<CostPrediction> predictions(network.size());
  for (std::size_t i = 0; i < network.size(); ++i) {
    predictions[i].costs.latency_ms = factor_ * bound_ms(network[i], hardware[i]);
  }
  return predictions;
}

}  // namespace dovetail
