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

/// The port of the PEs' local memories (the busiest PE stands for all). Arriving data goes first;
/// lanes read and write one tile after another in the cycles that are left.
class LocalMemoryPort {
 public:
  explicit LocalMemoryPort(double bytes_per_cycle = 1)
      : arrivals_(bytes_per_cycle), lanes_(bytes_per_cycle) {}

  /// Data from the interconnect; returns when it is stored.
  Cycles store(Cycles now, std::int64_t bytes) {
    const Cycles start = std::max(now, arrivals_.free_at());
    const Cycles end = arrivals_.reserve(now, bytes);
    // Cycles taken from an access under way are charged to the next one.
    stolen_ += std::max<Cycles>(0, std::min(end, lanes_.free_at()) - start);
    return end;
  }
  /// Operands and results of a tile; returns when the last has passed.
  Cycles access(Cycles now, std::int64_t bytes) {
    if (bytes == 0) return now;
    const Cycles backlog = std::max<Cycles>(0, arrivals_.free_at() - now);
    const Cycles end = lanes_.reserve(now + backlog + stolen_, bytes);
    stolen_ = 0;
    return end;
  }

 private:
  BandwidthServer arrivals_, lanes_;
  Cycles stolen_ = 0;
};

/// Transfers the DMA engine keeps in flight, so that a transfer's latency hides behind the one
/// before it.
inline constexpr int kDmaTransfersInFlight = 2;

}  // namespace dovetail
