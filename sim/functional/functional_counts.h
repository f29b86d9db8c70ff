#pragma once

#include <cstdint>
#include <vector>

namespace dovetail {

/// Bytes that one layer's transfers had to move, each byte of a multicast counted once; what the
/// program charges is never less.
struct MovedBytes {
  std::int64_t io = 0, interconnect = 0;
  std::int64_t busiest_pe = 0;  // received
};

/// What a functional run did.
struct FunctionalCounts {
  std::int64_t macs = 0;
  std::int64_t poison_reads = 0;          // operands that were not where they were read
  std::int64_t outputs_missing = 0;       // elements of all layers' outputs never written
  std::int64_t outputs_overwritten = 0;   // written more than once
  std::int64_t weights_without_room = 0;  // tiles computed with more weights about than fit
  std::vector<MovedBytes> moved;          // of each layer

  /// Nothing was read that was not there, each output was written once, and nothing was kept where
  /// there was no room.
  bool sound() const {
    return poison_reads == 0 && outputs_missing == 0 && outputs_overwritten == 0 &&
           weights_without_room == 0;
  }
};

}  // namespace dovetail
