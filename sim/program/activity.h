#pragma once

#include <cstdint>

namespace dovetail {

/// Cycles of one layer by what the PE array did in them; they add up to the layer's cycles.
struct CycleBreakdown {
  std::int64_t compute = 0;             // the lanes
  std::int64_t vector = 0;              // the vector units: table activations, elementwise, pooling
  std::int64_t stall_io = 0;            // waiting for activations through the IO port
  std::int64_t stall_weights = 0;       // waiting for weights through the IO port
  std::int64_t stall_interconnect = 0;  // waiting for data moving between PEs
  std::int64_t stall_local_memory = 0;  // computing slower than it could: operands come too slowly
  std::int64_t stall_launch = 0;        // layer set-up by the sequencer

  CycleBreakdown& operator+=(const CycleBreakdown& other);
  std::int64_t total() const {
    return compute + vector + stall_io + stall_weights + stall_interconnect + stall_local_memory +
           stall_launch;
  }
};

/// What the hardware did, in events that cost energy.
struct ActivityCounts {
  std::int64_t macs = 0;
  std::int64_t vector_ops = 0;  // elementwise, pooling and table-activation element operations
  std::int64_t register_file_bytes = 0;
  std::int64_t local_memory_bytes = 0;
  std::int64_t interconnect_bytes = 0;
  std::int64_t io_bytes = 0;

  ActivityCounts& operator+=(const ActivityCounts& other);
};

}  // namespace dovetail
