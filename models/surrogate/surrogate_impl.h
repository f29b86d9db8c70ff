#pragma once

#include <span>
#include <string>

#include "models/surrogate/feature_encoder.h"
#include "models/surrogate/mlp.h"
#include "models/surrogate/space_description.h"
#include "models/surrogate/surrogate.h"

namespace dovetail {

/// The two outputs of the network.
enum CostHead : std::size_t {
  kLatencyHead,      // (log latency - log_mean) / log_scale
  kFeasibilityHead,  // logit of "feasible"
  kCostHeads,
};

/// Inside of a Surrogate, for those who train it.
struct Surrogate::Impl {
  Impl(SpaceDescription network_space, SpaceDescription hardware_space,
       const std::vector<std::size_t>& hidden);

  SpaceDescription network, hardware;
  FeatureEncoder encoder;
  Mlp<float> mlp;
  double log_mean = 0, log_scale = 1;  // of log(latency in ms) over the training part
  bool knows_feasibility = false;
  std::string report = "{}";
  std::string file;  // it was loaded from; for messages

  CostPrediction decode(const float* outputs) const;
};

}  // namespace dovetail
