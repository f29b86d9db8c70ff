#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/files/yaml.h"

namespace dovetail {

/// Where weights live between inferences.
enum class WeightPolicy {
  kAuto,      // cached if all weights and activations fit in local memory and that is faster
  kCached,    // must stay on chip; infeasible if they do not fit
  kStreamed,  // read through the IO port at every inference
};

/// One accelerator: the parameters that a search chooses and those that it holds fixed.
/// A value type. Meaning, unit, range, default and source of each number stand once, in
/// accelerator_parameters(); reading, writing, checking and printing all follow that table.
struct AcceleratorConfig {
  std::string name = "unnamed";

  // Searched (accelerator.md section 1). Defaults are the NAHAS baseline.
  int pes_x = 4;
  int pes_y = 4;
  int simd_units = 64;            // per lane
  int compute_lanes = 4;          // per PE
  double register_file_kib = 32;  // per lane
  double local_memory_mib = 2;    // per PE
  double io_bandwidth_gbps = 20;  // 1e9 bytes per second

  // Fixed in a search.
  double clock_ghz = 0.8;
  int simd_width = 4;  // int8 multiply-accumulates of a SIMD unit and cycle
  double register_file_bytes_per_unit_cycle = 1.0;
  double activation_bytes_per_lane_cycle = 32;
  double local_memory_bytes_per_lane_cycle = 64;
  double broadcast_bytes_per_cycle = 256;  // from IO port or owner to all PEs that need it
  double link_bytes_per_pe_cycle = 4;      // into a PE from other PEs
  int drain_cycles = 10;                   // per block of outputs
  int io_latency_cycles = 160;             // first byte of a DMA transfer
  int interconnect_hop_cycles = 2;
  int layer_launch_cycles = 400;
  int tile_issue_cycles = 16;
  double vector_elements_per_pe_cycle = 1;  // table activations, elementwise, global pooling
  int weight_prefetch_layers = 1;           // 0: weights are fetched when their layer starts
  WeightPolicy weights = WeightPolicy::kAuto;

  int pes() const { return pes_x * pes_y; }
  double register_file_bytes() const { return register_file_kib * 1024; }
  double local_memory_bytes() const { return local_memory_mib * 1024 * 1024; }
  double io_bytes_per_cycle() const { return io_bandwidth_gbps / clock_ghz; }
  /// Multiply-accumulates per cycle if every SIMD way were busy.
  double peak_macs_per_cycle() const {
    return static_cast<double>(pes()) * compute_lanes * simd_units * simd_width;
  }

  /// Reads `schema: dovetail.accelerator/1`; a missing key takes its default, an unknown one is an
  /// error, a value outside its physical range is an error.
  static AcceleratorConfig from_yaml(const YamlNode& node);
  static AcceleratorConfig load(const std::filesystem::path& file);
  /// Every parameter with its unit as a comment; reading it back gives the same configuration.
  std::string to_yaml() const;
  /// Throws InputError naming the first parameter out of range.
  void validate() const;

  bool operator==(const AcceleratorConfig&) const = default;
};

/// One row of the table of numeric parameters.
struct AcceleratorParameter {
  std::string key;   // as in YAML, "pes_x"
  std::string unit;  // "PEs", "KiB per lane", ...
  double min, max;   // physical range, inclusive
  bool integer;
  bool searched;
  std::string meaning;
  std::string source;
  double (*get)(const AcceleratorConfig&);
  void (*set)(AcceleratorConfig&, double);
};
std::span<const AcceleratorParameter> accelerator_parameters();

std::string to_string(WeightPolicy policy);

}  // namespace dovetail
