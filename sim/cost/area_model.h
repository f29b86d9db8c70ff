#pragma once

#include <span>

#include "hw_space/accelerator_config.h"
#include "sim/cost/technology.h"

namespace dovetail {

/// Area of an accelerator by component, in mm2.
struct AreaBreakdown {
  double macs = 0, register_files = 0, local_memory = 0, pe_control = 0, interconnect = 0, io = 0,
         sequencer = 0;

  double total() const {
    return macs + register_files + local_memory + pe_control + interconnect + io + sequencer;
  }
};

/// The components with the names that tables and files give them.
struct AreaComponent {
  const char* name;
  double AreaBreakdown::*mm2;
};
std::span<const AreaComponent> area_components();

/// Closed form: every component in proportion to what there is of it (accelerator.md section 7).
AreaBreakdown area_of(const AcceleratorConfig& accelerator, const Technology& technology);

}  // namespace dovetail
