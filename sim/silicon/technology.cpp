#include "sim/silicon/technology.h"

#include <cmath>

#include "base/files/yaml.h"

namespace dovetail {

std::span<const TechnologyCoefficient> technology_coefficients() {
  using T = Technology;
  // Divisors must not be zero.
  static constexpr TechnologyCoefficient kCoefficients[] = {
      {"node_nm", &T::node_nm, 1, 1000},
      {"mac_mm2", &T::mac_mm2, 0, 1},
      {"vector_element_mm2", &T::vector_element_mm2, 0, 10},
      {"sram_bit_cell_mm2_per_mib", &T::sram_bit_cell_mm2_per_mib, 0, 1000},
      {"sram_array_factor", &T::sram_array_factor, 1, 100},
      {"sram_periphery_factor", &T::sram_periphery_factor, 0, 100},
      {"sram_macro_kib", &T::sram_macro_kib, 0.25, 65536},
      {"sram_macro_port_bytes", &T::sram_macro_port_bytes, 1, 4096},
      {"register_file_port_factor", &T::register_file_port_factor, 1, 100},
      {"pe_control_mm2", &T::pe_control_mm2, 0, 100},
      {"interconnect_mm2_per_byte", &T::interconnect_mm2_per_byte, 0, 1},
      {"io_mm2_per_gbps", &T::io_mm2_per_gbps, 0, 100},
      {"io_phy_mm2_per_gbps", &T::io_phy_mm2_per_gbps, 0, 100},
      {"sequencer_mm2", &T::sequencer_mm2, 0, 100},
      {"multiply_pj", &T::multiply_pj, 0, 1000},
      {"accumulate_pj", &T::accumulate_pj, 0, 1000},
      {"vector_op_pj", &T::vector_op_pj, 0, 10000},
      {"sram_pj_per_byte_8kib", &T::sram_pj_per_byte_8kib, 0, 1000},
      {"wire_pj_per_byte_mm", &T::wire_pj_per_byte_mm, 0, 1000},
      {"io_pj_per_byte", &T::io_pj_per_byte, 0, 10000},
      {"dram_pj_per_byte", &T::dram_pj_per_byte, 0, 100000},
      {"dram_background_mw_per_gbps", &T::dram_background_mw_per_gbps, 0, 10000},
      {"clock_pj_per_mm2_cycle", &T::clock_pj_per_mm2_cycle, 0, 100000},
      {"data_activity", &T::data_activity, 0, 1},
      {"memory_leakage_mw_per_mib", &T::memory_leakage_mw_per_mib, 0, 10000},
      {"logic_leakage_mw_per_mm2", &T::logic_leakage_mw_per_mm2, 0, 10000},
      {"leakage_temperature_c", &T::leakage_temperature_c, -40, 150},
      {"leakage_doubling_k", &T::leakage_doubling_k, 1, 1000},
      {"temperature_c", &T::temperature_c, -40, 150},
  };
  return kCoefficients;
}

double Technology::leakage_factor() const {
  return std::exp2((temperature_c - leakage_temperature_c) / leakage_doubling_k);
}

Technology Technology::load(const std::filesystem::path& file) {
  YamlMap map = YamlNode::load(file).map();
  map.require_schema("dovetail.technology/4");
  Technology technology;
  technology.name = map.required("name").as_string();
  for (const TechnologyCoefficient& c : technology_coefficients()) {
    technology.*c.value = map.required(c.key).as_double(c.min, c.max);
  }
  map.finish();
  return technology;
}

}  // namespace dovetail
