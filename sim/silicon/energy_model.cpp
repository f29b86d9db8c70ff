#include "sim/silicon/energy_model.h"

#include <cmath>

#include "sim/silicon/area_model.h"
#include "sim/silicon/memory_model.h"

namespace dovetail {
namespace {

constexpr double kMjPerPj = 1e-9;

double logic_mm2(const ComponentBreakdown& area) {
  double sum = 0;
  for (const HardwareComponent& c : hardware_components()) {
    if (c.kind == ComponentKind::kLogic) sum += area.*c.value;
  }
  return sum;
}

}  // namespace

std::span<const EnergyPart> energy_parts() {
  using E = EnergyBreakdown;
  static constexpr EnergyPart kParts[] = {
      {"macs", &E::macs},
      {"vector_units", &E::vector_units},
      {"register_files", &E::register_files},
      {"local_memory", &E::local_memory},
      {"interconnect", &E::interconnect},
      {"io", &E::io},
      {"clock", &E::clock},
      {"leakage", &E::leakage},
      {"dram", &E::dram},
  };
  return kParts;
}

EnergyBreakdown& EnergyBreakdown::operator+=(const EnergyBreakdown& other) {
  for (const EnergyPart& part : energy_parts()) this->*part.mj += other.*part.mj;
  return *this;
}

EnergyModel::EnergyModel(const AcceleratorConfig& accelerator, const Technology& technology) {
  const Technology& t = technology;
  const ComponentBreakdown area = area_of(accelerator, t);
  const double pe_side_mm = std::sqrt((area.total() - area.io_phy) / accelerator.pes());
  const double hops = 0.5 * (accelerator.pes_x + accelerator.pes_y);
  const double local_wires = 0.5 * pe_side_mm * t.wire_pj_per_byte_mm;
  const MacroArray local_memory = local_memory_array(accelerator, t);
  const MacroArray register_file = register_file_array(accelerator, t);

  const double active = t.data_activity;
  events_ = {{
      {"mac", active * (t.multiply_pj + t.accumulate_pj)},
      {"vector_op", active * t.vector_op_pj},
      {"register_file_byte", active * access_pj_per_byte(register_file, t)},
      {"local_memory_byte", active * (access_pj_per_byte(local_memory, t) + local_wires)},
      {"interconnect_byte", active * hops * pe_side_mm * t.wire_pj_per_byte_mm},
      {"io_byte", active * t.io_pj_per_byte},
      {"dram_byte", t.dram_pj_per_byte},
      {"cycle", logic_mm2(area) * t.clock_pj_per_mm2_cycle},
  }};
  leakage_mw_ = leakage_of(accelerator, t).total();
  dram_background_mw_ = accelerator.io_bandwidth_gbps * t.dram_background_mw_per_gbps;
  cycle_ns_ = 1 / accelerator.clock_ghz;
}

EnergyBreakdown EnergyModel::of(const ActivityCounts& activity, std::int64_t cycles) const {
  const auto mj = [](std::int64_t events, double pj) {
    return static_cast<double>(events) * pj * kMjPerPj;
  };
  EnergyBreakdown energy;
  energy.macs = mj(activity.macs, pj(Event::kMac));
  energy.vector_units = mj(activity.vector_ops, pj(Event::kVectorOp));
  energy.register_files = mj(activity.register_file_bytes, pj(Event::kRegisterFileByte));
  energy.local_memory = mj(activity.local_memory_bytes, pj(Event::kLocalMemoryByte));
  energy.interconnect = mj(activity.interconnect_bytes, pj(Event::kInterconnectByte));
  energy.io = mj(activity.io_bytes, pj(Event::kIoByte));
  energy.dram = mj(activity.io_bytes, pj(Event::kDramByte)) +
                mj(cycles, dram_background_mw_ * cycle_ns_);  // mW ns = pJ
  energy.clock = mj(cycles, pj(Event::kCycle));
  energy.leakage = mj(cycles, leakage_mw_ * cycle_ns_);
  return energy;
}

double average_power_mw(double energy_mj, double latency_ms) {
  return 1000 * energy_mj / latency_ms;
}

double energy_delay_product(double energy_mj, double latency_ms) {
  return energy_mj * latency_ms;
}

}  // namespace dovetail
