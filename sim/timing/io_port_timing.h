#pragma once

#include "hw_space/accelerator_config.h"
#include "sim/timing/bandwidth_server.h"

namespace dovetail {

/// The IO port serves one transfer after another; the first byte of each comes after a latency.
class IoPortTiming {
 public:
  IoPortTiming() = default;
  explicit IoPortTiming(const AcceleratorConfig& accelerator)
      : server_(accelerator.io_bytes_per_cycle()), latency_(accelerator.io_latency_cycles) {}

  Occupation pass(Cycles requested, std::int64_t bytes) {
    return server_.reserve(requested + latency_, bytes);
  }
  /// That `bytes` in one or more transfers take at least.
  double least_cycles(std::int64_t bytes) const {
    return server_.least_cycles(bytes) + (bytes > 0 ? static_cast<double>(latency_) : 0);
  }

 private:
  BandwidthServer server_;
  Cycles latency_ = 0;
};

}  // namespace dovetail
