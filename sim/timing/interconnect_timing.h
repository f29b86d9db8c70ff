#pragma once

#include <algorithm>

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// Data on their way into local memories. From other PEs they come over links, which work side by
/// side, so that the PE that receives most decides; all else is broadcast, one copy however many
/// PEs take it.
struct Movement {
  bool between_pes = false;
  std::int64_t one_copy_bytes = 0, busiest_pe_bytes = 0;

  /// What the bus carries, or the busiest link.
  std::int64_t bytes() const { return between_pes ? busiest_pe_bytes : one_copy_bytes; }
};

/// A broadcast bus and the links among PEs, each serving one transfer after another.
class InterconnectTiming {
 public:
  InterconnectTiming() = default;
  explicit InterconnectTiming(const AcceleratorConfig& accelerator)
      : broadcast_(accelerator.broadcast_bytes_per_cycle),
        links_(accelerator.link_bytes_per_pe_cycle),
        cycles_per_transfer_(accelerator.interconnect_hop_cycles) {}

  Occupation move(Cycles start, const Movement& movement) {
    return movement.between_pes ? links_.reserve(start, movement.busiest_pe_bytes)
                                : broadcast_.reserve(start, movement.one_copy_bytes);
  }
  /// When a transfer is complete of which the last byte has been moved and stored. Bytes flow into
  /// local memory as they come, so the later of the two ends decides.
  Cycles arrival(Cycles moved, Cycles stored) const {
    return std::max(moved, stored) + cycles_per_transfer_;
  }
  /// That the busiest link takes at least.
  double least_link_cycles(std::int64_t bytes) const { return links_.least_cycles(bytes); }

 private:
  BandwidthServer broadcast_, links_;
  Cycles cycles_per_transfer_ = 0;
};

}  // namespace dovetail
