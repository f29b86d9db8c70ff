#pragma once

#include <limits>

#include "cost/surrogate/rivals/rival.h"

namespace dovetail {

/// roofline_ms() times one factor, the geometric mean of label over bound. Latency only.
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
