#include "sim/cost/area_model.h"

namespace dovetail {

std::span<const AreaComponent> area_components() {
  static constexpr AreaComponent kComponents[] = {
      {"macs", &AreaBreakdown::macs},
      {"register_files", &AreaBreakdown::register_files},
      {"local_memory", &AreaBreakdown::local_memory},
      {"pe_control", &AreaBreakdown::pe_control},
      {"interconnect", &AreaBreakdown::interconnect},
      {"io", &AreaBreakdown::io},
      {"sequencer", &AreaBreakdown::sequencer},
  };
  return kComponents;
}

AreaBreakdown area_of(const AcceleratorConfig& accelerator, const Technology& technology) {
  const double pes = accelerator.pes();
  const double lanes = pes * accelerator.compute_lanes;
  AreaBreakdown area;
  area.macs = accelerator.peak_macs_per_cycle() * technology.mac_mm2;
  area.register_files =
      lanes * accelerator.register_file_kib * technology.register_file_mm2_per_kib;
  area.local_memory = pes * accelerator.local_memory_mib * technology.local_memory_mm2_per_mib;
  area.pe_control = pes * technology.pe_control_mm2;
  area.interconnect = pes * technology.interconnect_mm2_per_pe;
  area.io = accelerator.io_bandwidth_gbps * technology.io_mm2_per_gbps;
  area.sequencer = technology.sequencer_mm2;
  return area;
}

}  // namespace dovetail
