#include "sim/silicon/area_model.h"

#include "sim/silicon/memory_model.h"

namespace dovetail {

std::span<const HardwareComponent> hardware_components() {
  using C = ComponentBreakdown;
  using Kind = ComponentKind;
  static constexpr HardwareComponent kComponents[] = {
      {"macs", &C::macs, Kind::kLogic},
      {"vector_units", &C::vector_units, Kind::kLogic},
      {"register_files", &C::register_files, Kind::kMemory},
      {"local_memory", &C::local_memory, Kind::kMemory},
      {"pe_control", &C::pe_control, Kind::kLogic},
      {"interconnect", &C::interconnect, Kind::kLogic},
      {"io", &C::io, Kind::kLogic},
      {"sequencer", &C::sequencer, Kind::kLogic},
      {"io_phy", &C::io_phy, Kind::kPads},
  };
  return kComponents;
}

ComponentBreakdown area_of(const AcceleratorConfig& accelerator, const Technology& technology) {
  const double pes = accelerator.pes();
  const double lanes = pes * accelerator.compute_lanes;
  ComponentBreakdown area;
  area.macs = accelerator.peak_macs_per_cycle() * technology.mac_mm2;
  area.vector_units =
      pes * accelerator.vector_elements_per_pe_cycle() * technology.vector_element_mm2;
  area.register_files = lanes * area_mm2(register_file_array(accelerator, technology), technology);
  area.local_memory = pes * area_mm2(local_memory_array(accelerator, technology), technology);
  area.pe_control = pes * technology.pe_control_mm2;
  area.interconnect =
      pes * (accelerator.broadcast_bytes_per_cycle + accelerator.link_bytes_per_pe_cycle) *
      technology.interconnect_mm2_per_byte;
  area.io = accelerator.io_bandwidth_gbps * technology.io_mm2_per_gbps;
  area.sequencer = technology.sequencer_mm2;
  if (accelerator.io_phy_area == IoPhyArea::kIncluded) {
    area.io_phy = io_phy_mm2(accelerator, technology);
  }
  return area;
}

ComponentBreakdown leakage_of(const AcceleratorConfig& accelerator, const Technology& technology) {
  const ComponentBreakdown area = area_of(accelerator, technology);
  ComponentBreakdown leakage;
  for (const HardwareComponent& c : hardware_components()) {
    if (c.kind != ComponentKind::kLogic) continue;
    leakage.*c.value = area.*c.value * technology.logic_leakage_mw_per_mm2;
  }
  const double pes = accelerator.pes();
  leakage.local_memory = pes * accelerator.local_memory_mib * technology.memory_leakage_mw_per_mib;
  leakage.register_files = pes * accelerator.compute_lanes * accelerator.register_file_kib / 1024 *
                           technology.memory_leakage_mw_per_mib;
  const double factor = technology.leakage_factor();
  for (const HardwareComponent& c : hardware_components()) leakage.*c.value *= factor;
  return leakage;
}

double io_phy_mm2(const AcceleratorConfig& accelerator, const Technology& technology) {
  return accelerator.io_bandwidth_gbps * technology.io_phy_mm2_per_gbps;
}

}  // namespace dovetail
