#include "sim/silicon/memory_model.h"

#include <algorithm>
#include <cmath>

namespace dovetail {
namespace {

constexpr double kKib = 1024;
constexpr double kPeripheryReferenceBytes = 32 * kKib;  // of sram_periphery_factor
constexpr double kEnergyReferenceBytes = 8 * kKib;      // of sram_pj_per_byte_8kib

}  // namespace

// Numbers of macros are not rounded up: an area that jumps by a macro would be no truer, and a
// search would learn the jumps.
MacroArray local_memory_array(const AcceleratorConfig& accelerator, const Technology& technology) {
  const double bytes = accelerator.local_memory_bytes();
  const double port = accelerator.local_memory_bytes_per_lane_cycle * accelerator.compute_lanes;
  const double macros = std::max(
      {1.0, bytes / (technology.sram_macro_kib * kKib), port / technology.sram_macro_port_bytes});
  return {macros, bytes / macros, 1};
}

MacroArray register_file_array(const AcceleratorConfig& accelerator, const Technology& technology) {
  const double bytes = accelerator.register_file_bytes();
  const double macros = std::max(static_cast<double>(accelerator.simd_units),
                                 bytes / (technology.sram_macro_kib * kKib));
  return {macros, bytes / macros, technology.register_file_port_factor};
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
