#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace dovetail {

/// What a process node makes of a design: coefficients of area, energy and leakage, from
/// configs/technology/NODE.yaml (`schema: dovetail.technology/4`), each with unit and source there.
/// docs/area_energy.md says how they were found and what they are compared with.
struct Technology {
  std::string name;
  double node_nm = 0;

  // Area. Cells and memories, as synthesised: no unused silicon between blocks.
  double mac_mm2 = 0;             // int8 multiplier, adder and pipeline registers
  double vector_element_mm2 = 0;  // vector unit, for one element a cycle
  double sram_bit_cell_mm2_per_mib = 0;
  double sram_array_factor = 0;  // area over bit cells, of a macro without end
  double sram_periphery_factor =
      0;                      // what decoders and sense amplifiers add to it in a 32 KiB macro
  double sram_macro_kib = 0;  // largest macro
  double sram_macro_port_bytes = 0;      // that one macro reads or writes a cycle
  double register_file_port_factor = 0;  // cells with a read and a write port over plain ones
  double pe_control_mm2 = 0;             // per PE
  double interconnect_mm2_per_byte = 0;  // per PE and byte a cycle of the bus and the links
  double io_mm2_per_gbps = 0;            // DMA engine and memory interface
  double io_phy_mm2_per_gbps = 0;        // pads and transceivers of the IO port
  double sequencer_mm2 = 0;              // once

  // Energy.
  double multiply_pj = 0;            // int8
  double accumulate_pj = 0;          // int32 addition
  double vector_op_pj = 0;           // per element and pass of the vector unit
  double sram_pj_per_byte_8kib = 0;  // of an 8 KiB macro; others by the square root of their size
  double wire_pj_per_byte_mm = 0;
  double io_pj_per_byte = 0;    // on the chip
  double dram_pj_per_byte = 0;  // memory and its interface, off the chip
  // Of the memory outside while it is in use, whether it is read or not: as many devices as the
  // bandwidth of the IO port asks for.
  double dram_background_mw_per_gbps = 0;
  double clock_pj_per_mm2_cycle = 0;  // of logic
  double data_activity = 0;           // switching with real data over that of random data

  // Leakage.
  double memory_leakage_mw_per_mib = 0;
  double logic_leakage_mw_per_mm2 = 0;
  double leakage_temperature_c = 0;  // at which the two are given
  double leakage_doubling_k = 0;     // of warming, by which leakage doubles
  double temperature_c = 0;          // of the chip

  /// Leakage of the chip at its temperature over that at `leakage_temperature_c`: exponential in
  /// the difference, and 1 if there is none.
  double leakage_factor() const;

  /// Throws InputError with file, line and key for a missing or unknown key, and
  /// for a value that is ill-typed or out of range.
  static Technology load(const std::filesystem::path& file);
};

/// One row of the table of coefficients, which reading follows.
struct TechnologyCoefficient {
  const char* key;
  double Technology::*value;
  double min, max;  // inclusive
};
std::span<const TechnologyCoefficient> technology_coefficients();

}  // namespace dovetail
