#pragma once

#include <limits>

#include "cost/surrogate/rivals/rival.h"
#include "hw_space/accelerator_config.h"
#include "models/network/layers/network.h"

namespace dovetail {

/// Latency bound in ms after Williams et al., "Roofline", CACM 52 (2009), layer by layer: a layer
/// takes as long as its multiply-accumulates at the peak rate or its bytes at the bandwidth of the
/// IO port, whichever is longer. Bytes: weights, unless all of the network's weights and its
/// largest activations (input and output of a layer) fit in local memory together and the
/// accelerator may keep them; input and output of a layer that do not fit; the network's own input
/// and output.
double roofline_ms(const Network& network, const AcceleratorConfig& accelerator);

/// The bound times one factor, the geometric mean of label over bound. Latency only.
class RooflineRival : public Rival {
 public:
  RooflineRival(const NetworkSpace& networks, const DesignSpace& accelerators)
      : networks_(networks), accelerators_(accelerators) {}
  void fit(const Dataset& labels) override;
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const override;
  /// NaN before fit().
  double factor() const { return factor_; }

 private:
  double bound_ms(const Choices& network, const Choices& hardware) const;

  const NetworkSpace& networks_;
  const DesignSpace& accelerators_;
  double factor_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace dovetail
