#pragma once

#include <algorithm>

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The PE array issues a tile; then its lanes work, after them its vector units, and beside both
/// the port of the local memory.
class TileTiming {
 public:
  TileTiming() = default;
  explicit TileTiming(const AcceleratorConfig& accelerator)
      : issue_(accelerator.tile_issue_cycles) {}

  Cycles issue_cycles() const { return issue_; }
  /// From issue to result, if lanes, vector units and port take so long.
  Cycles cycles(Cycles lanes, Cycles vector_units, Cycles port) const {
    return issue_ + std::max(lanes + vector_units, port);
  }

 private:
  Cycles issue_ = 0;
};

}  // namespace dovetail
