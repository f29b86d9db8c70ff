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

/// From when to when a request has a resource.
struct Occupation {
  Cycles begin = 0, done = 0;
};

/// A shared resource that serves one request after another, in the order they are made.
class BandwidthServer {
 public:
  explicit BandwidthServer(double bytes_per_cycle = 1) : bytes_per_cycle_(bytes_per_cycle) {}

  /// Takes the resource for `bytes` from `earliest` or when it is free.
  Occupation reserve(Cycles earliest, std::int64_t bytes) {
    const Cycles begin = std::max(free_at_, earliest);
    free_at_ = begin + cycles_of(bytes);
    return {begin, free_at_};
  }
  /// That `bytes` take if nothing else is under way; in all, without rounding each request up.
  Cycles cycles_of(std::int64_t bytes) const { return transfer_cycles(bytes, bytes_per_cycle_); }
  double least_cycles(std::int64_t bytes) const {
    return static_cast<double>(bytes) / bytes_per_cycle_;
  }

 private:
  double bytes_per_cycle_;
  Cycles free_at_ = 0;
};

}  // namespace dovetail
