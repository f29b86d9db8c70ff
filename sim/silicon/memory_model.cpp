#include "sim/silicon/memory_model.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr double kKib = 1024;
constexpr double kPeripheryReferenceBytes = 32 * kKib;  // of sram_periphery_factor
constexpr double kEnergyReferenceBytes = 8 * kKib;      // of sram_pj_per_byte_8kib

// Numbers of macros are not rounded up: an area that jumps by a macro would be no truer, and a
// search would learn the jumps.
MacroArray macros_of(double bytes, double port_bytes, double port_factor,
                     const Technology& technology) {
  const double macros = std::max({1.0, bytes / (technology.sram_macro_kib * kKib),
                                  port_bytes / technology.sram_macro_port_bytes});
  return {macros, bytes / macros, port_factor};
}

}  // namespace

MacroArray local_memory_array(const AcceleratorConfig& accelerator, const Technology& technology) {
  return macros_of(accelerator.local_memory_bytes(), accelerator.local_memory_bytes_per_pe_cycle, 1,
                   technology);
}

MacroArray register_file_array(const AcceleratorConfig& accelerator, const Technology& technology) {
  const double port = accelerator.register_file_bytes_per_unit_cycle * accelerator.simd_units;
  return macros_of(accelerator.register_file_bytes(), port, technology.register_file_port_factor,
                   technology);
}

double area_mm2(const MacroArray& memory, const Technology& technology) {
  if (memory.bytes() <= 0) return 0;
  const double periphery =
      technology.sram_periphery_factor * std::sqrt(kPeripheryReferenceBytes / memory.macro_bytes);
  const double factor = technology.sram_array_factor * memory.port_factor + periphery;
  return memory.bytes() / (kKib * kKib) * technology.sram_bit_cell_mm2_per_mib * factor;
}

double access_pj_per_byte(const MacroArray& memory, const Technology& technology) {
  return technology.sram_pj_per_byte_8kib * std::sqrt(memory.macro_bytes / kEnergyReferenceBytes);
}

}  // namespace dovetail
