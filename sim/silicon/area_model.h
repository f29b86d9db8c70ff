#pragma once

#include <span>

#include "hw_space/accelerator_config.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// A figure of each component of an accelerator: area in mm2, or leakage in mW.
struct ComponentBreakdown {
  double macs = 0, vector_units = 0, register_files = 0, local_memory = 0, pe_control = 0,
         interconnect = 0, io = 0, sequencer = 0, io_phy = 0;

  double total() const {
    return macs + vector_units + register_files + local_memory + pe_control + interconnect + io +
           sequencer + io_phy;
  }
};

/// What follows from a component's area: logic leaks by it and is clocked, memories leak by their
/// size, pads stand at the rim of the chip, where they leak and clock nothing that is modelled.
enum class ComponentKind { kLogic, kMemory, kPads };

/// The components with the names that tables and files give them.
struct HardwareComponent {
  const char* name;
  double ComponentBreakdown::*value;
  ComponentKind kind;
};
std::span<const HardwareComponent> hardware_components();

/// Area in mm2 (accelerator.md section 7): logic in proportion to what there is of it, memories by
/// size and ports (memory_model.h), and the IO port's pads if the accelerator says so.
ComponentBreakdown area_of(const AcceleratorConfig& accelerator, const Technology& technology);

/// Leakage in mW at the technology's temperature: of logic by area, of memories by size.
ComponentBreakdown leakage_of(const AcceleratorConfig& accelerator, const Technology& technology);

/// Pads and transceivers of the IO port in mm2, whether they count in the area (`io_phy_area`) or
/// stand beside it.
double io_phy_mm2(const AcceleratorConfig& accelerator, const Technology& technology);

}  // namespace dovetail
