#include "sim/program/activity.h"

namespace dovetail {

CycleBreakdown& CycleBreakdown::operator+=(const CycleBreakdown& other) {
  compute += other.compute;
  vector += other.vector;
  stall_io += other.stall_io;
  stall_weights += other.stall_weights;
  stall_interconnect += other.stall_interconnect;
  stall_local_memory += other.stall_local_memory;
  stall_launch += other.stall_launch;
  return *this;
}

ActivityCounts& ActivityCounts::operator+=(const ActivityCounts& other) {
  macs += other.macs;
  vector_ops += other.vector_ops;
  register_file_bytes += other.register_file_bytes;
  local_memory_bytes += other.local_memory_bytes;
  interconnect_bytes += other.interconnect_bytes;
  io_bytes += other.io_bytes;
  return *this;
}

}  // namespace dovetail
