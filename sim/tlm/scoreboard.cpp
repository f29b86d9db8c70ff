#include "sim/tlm/scoreboard.h"

#include <algorithm>

namespace dovetail {

Cycles account_wait(CycleBreakdown& breakdown, Cycles from, const Arrival& arrival) {
  const Cycles io = std::max<Cycles>(0, arrival.io_done - from);
  switch (arrival.kind) {
    case TransferKind::kWeights:
      breakdown.stall_weights += io;
      break;
    case TransferKind::kInput:
    case TransferKind::kOutput:
      breakdown.stall_io += io;
      break;
    case TransferKind::kExchange:
      breakdown.stall_interconnect += io;
      break;
  }
  const Cycles after_io = from + io;
  breakdown.stall_interconnect += std::max<Cycles>(0, arrival.done - after_io);
  return std::max(after_io, arrival.done);
}

}  // namespace dovetail
