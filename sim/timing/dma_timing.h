#pragma once

#include <algorithm>
#include <array>

#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The DMA engine keeps two transfers in flight, so that the latency of one hides behind the one
/// before it, and completes them in order.
class DmaTiming {
 public:
  /// A further transfer may start when the older one is complete.
  Cycles free_at() const { return in_flight_[0]; }
  /// Starts one whose last byte arrives then; returns when it is complete.
  Cycles complete(Cycles arrived) {
    in_flight_ = {in_flight_[1], std::max(arrived, in_flight_[1])};
    return in_flight_[1];
  }

 private:
  std::array<Cycles, 2> in_flight_{};  // completion times, oldest first
};

}  // namespace dovetail
