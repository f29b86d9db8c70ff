#pragma once

#include <span>

#include "hw_space/accelerator_config.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// A figure of each component of an accelerator: area in mm2, or leakage in mW.
struct ComponentBreakdown {
  double macs = 0, vector_units = 0, register_files = 0, local_memory = 0, pe_control = 0,
         interconnect = 0, io = 0, sequencer = 0;

  double total() const {
    return macs + vector_units + register_files + local_memory + pe_control + interconnect + io +
           sequencer;
  }
};

/// The components with the names that tables and files give them.
struct HardwareComponent {
  const char* name;
  double ComponentBreakdown::*value;
  bool memory;  // leaks by its size rather than by its area
};
std::span<const HardwareComponent> hardware_components();

/// Area in mm2 (accelerator.md section 7): logic in proportion to what there is of it, memories by
/// size and ports (memory_model.h). Without pads and transceivers: see io_phy_mm2().
ComponentBreakdown area_of(const AcceleratorConfig& accelerator, const Technology& technology);

/// Leakage in mW at the technology's temperature: of logic by area, of memories by size.
ComponentBreakdown leakage_of(const AcceleratorConfig& accelerator, const Technology& technology);

/// Pads and transceivers of the IO port in mm2. Not part of the accelerator's area, as it is not of
/// published areas of synthesised accelerators; a chip of its own would need it.
double io_phy_mm2(const AcceleratorConfig& accelerator, const Technology& technology);

}  // namespace dovetail
