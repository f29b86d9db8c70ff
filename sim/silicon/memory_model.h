#pragma once

#include "hw_space/accelerator_config.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// A memory made of equal SRAM macros: as many as its size or the width of its port asks for,
/// whichever is more.
struct MacroArray {
  double macros = 0;
  double macro_bytes = 0;
  double port_factor = 1;  // of the cells; 1: one port

  double bytes() const { return macros * macro_bytes; }
};

/// The local memory of one PE.
MacroArray local_memory_array(const AcceleratorConfig& accelerator, const Technology& technology);
/// The register file of one lane, with a read and a write port, as wide as what its units read in a
/// cycle.
MacroArray register_file_array(const AcceleratorConfig& accelerator, const Technology& technology);

/// Bit cells times (array factor x port factor + periphery factor x sqrt(32 KiB / macro)): the
/// periphery of a macro grows with its sides, so a memory of small macros is dearer by the bit.
double area_mm2(const MacroArray& memory, const Technology& technology);

/// Energy of reading or writing a byte, by the square root of the macro's size (the length of its
/// bit and word lines); without the wires to the macro.
double access_pj_per_byte(const MacroArray& memory, const Technology& technology);

}  // namespace dovetail
