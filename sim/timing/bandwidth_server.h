#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace dovetail {

/// Time inside the accelerator, in clock cycles. All durations are whole cycles.
using Cycles = std::int64_t;

/// Cycles that `bytes` occupy a resource of `bytes_per_cycle`, rounded up.
inline Cycles transfer_cycles(std::int64_t bytes, double bytes_per_cycle) {
  return static_cast<Cycles>(std::ceil(static_cast<double>(bytes) / bytes_per_cycle - 1e-9));
}

/// A shared resource that serves one request after another, in the order they are made.
class BandwidthServer {
 public:
  explicit BandwidthServer(double bytes_per_cycle = 1) : bytes_per_cycle_(bytes_per_cycle) {}

  /// Takes the resource for `bytes` from `earliest` or when it is free; returns when it is done.
  Cycles reserve(Cycles earliest, std::int64_t bytes) {
    free_at_ = std::max(free_at_, earliest) + transfer_cycles(bytes, bytes_per_cycle_);
    return free_at_;
  }
  Cycles free_at() const { return free_at_; }

 private:
  double bytes_per_cycle_;
  Cycles free_at_ = 0;
};

/// Transfers the DMA engine keeps in flight, so that a transfer's latency hides behind the one
/// before it.
inline constexpr int kDmaTransfersInFlight = 2;

}  // namespace dovetail
