#pragma once

#include <filesystem>
#include <string>

namespace dovetail {

/// Area coefficients of one process node, from configs/technology/NODE.yaml
/// (`schema: dovetail.technology/1`), each with unit and source there.
struct Technology {
  std::string name;
  double node_nm = 0;
  double mac_mm2 = 0;  // int8 multiply-accumulate with its share of a lane
  double register_file_mm2_per_kib = 0;
  double local_memory_mm2_per_mib = 0;
  double pe_control_mm2 = 0;  // per PE
  double interconnect_mm2_per_pe = 0;
  double io_mm2_per_gbps = 0;  // controller and physical interface
  double sequencer_mm2 = 0;    // once

  static Technology load(const std::filesystem::path& file);
};

}  // namespace dovetail
