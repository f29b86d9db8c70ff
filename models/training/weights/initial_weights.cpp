#include "models/training/weights/initial_weights.h"

#include <cmath>

#include "base/numbers/random.h"

namespace dovetail {

NetworkWeights initial_weights(const Network& network, std::uint64_t seed) {
  NetworkWeights weights;
  std::uint64_t stream = 0;
  for (const ParameterSpec& parameter : network_parameters(network)) {
    std::vector<float>& values = weights[parameter.name];
    values.assign(parameter.elements(), 0);
    Rng rng(seed, stream++);
    switch (parameter.kind) {
      case ParameterKind::kWeight: {
        const bool last = parameter.layer + 1 == network.layers().size();
        const double deviation =
            std::sqrt((last ? 1.0 : 2.0) / static_cast<double>(parameter.fan_in));
        for (float& value : values) value = static_cast<float>(deviation * rng.normal());
        break;
      }
      case ParameterKind::kScale:
      case ParameterKind::kVariance:
        values.assign(parameter.elements(), 1);
        break;
      case ParameterKind::kBias:
      case ParameterKind::kShift:
      case ParameterKind::kMean:
        break;
    }
  }
  return weights;
}

}  // namespace dovetail
