#pragma once

#include <algorithm>

#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The DMA engine keeps two transfers in flight, so that the latency of one hides behind the one
/// before it, and completes them in order.
class DmaTiming {
 public:
  /// A further transfer may start when the older one is complete.
  Cycles free_at() const { return older_; }
  /// Starts one whose last byte arrives then; returns when it is complete.
  Cycles complete(Cycles arrived) {
    older_ = newer_;
    newer_ = std::max(arrived, newer_);
    return newer_;
  }

 private:
  Cycles older_ = 0, newer_ = 0;  // when the two in flight are complete
};

}  // namespace dovetail
