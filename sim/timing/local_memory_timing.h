#pragma once

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// A PE's local memory. Its buffers are double: while the lanes read one half through one port, the
/// other half, in other banks, is filled and emptied through a second.
class LocalMemoryTiming {
 public:
  LocalMemoryTiming() = default;
  explicit LocalMemoryTiming(const AcceleratorConfig& accelerator)
      : filled_(accelerator.local_memory_bytes_per_pe_cycle), read_(filled_) {}

  /// What comes by broadcast, from other PEs and as partial sums.
  Occupation fill(Cycles start, std::int64_t bytes) { return filled_.reserve(start, bytes); }
  /// What the lanes read and write.
  Occupation read(Cycles start, std::int64_t bytes) { return read_.reserve(start, bytes); }
  Cycles read_cycles(std::int64_t bytes) const { return read_.cycles_of(bytes); }

 private:
  BandwidthServer filled_, read_;
};

}  // namespace dovetail
