#pragma once

#include <systemc>

#include "sim/timing/bandwidth_server.h"

namespace dovetail {

// One nanosecond of SystemC time stands for one clock cycle of the accelerator, whatever its
// frequency, and is the time resolution: all times are whole cycles.

inline sc_core::sc_time to_sc_time(Cycles cycles) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(cycles));
}
inline Cycles to_cycles(const sc_core::sc_time& time) {
  return static_cast<Cycles>(time.value());
}
inline Cycles now_cycles() {
  return to_cycles(sc_core::sc_time_stamp());
}

}  // namespace dovetail
