#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/files/yaml.h"

namespace dovetail {

/// Where weights live between inferences.
enum class WeightPolicy {
  kAuto,      // cached if all weights and activations fit in local memory and that is faster
  kCached,    // must stay on chip; infeasible if they do not fit
  kStreamed,  // read through the IO port at every inference
};

/// Whether pads and transceivers of the IO port count in the area. On a phone's chip they are
/// shared, and areas of synthesised accelerators leave them out; a chip of its own has them.
enum class IoPhyArea { kExcluded, kIncluded };

/// One accelerator: the parameters that a search chooses and those that it holds fixed.
/// A value type. Meaning, unit, range (or names) and source of each stand once, in
/// accelerator_parameters(); reading, writing, checking, searching and printing all follow that
/// table.
struct AcceleratorConfig {
  std::string name = "unnamed";

  // Searched (docs/parameters.md). Defaults are the NAHAS baseline.
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
  double local_memory_bytes_per_pe_cycle = 128;  // that all lanes share
  double broadcast_bytes_per_cycle = 256;        // from IO port or owner to all PEs that need it
  double link_bytes_per_pe_cycle = 4;            // into a PE from other PEs
  int drain_cycles = 10;                         // per block of outputs
  double dram_efficiency = 1;                    // share of io_bandwidth_gbps that transfers get
  int io_latency_cycles = 160;                   // first byte of a DMA transfer
  IoPhyArea io_phy_area = IoPhyArea::kExcluded;
  int interconnect_hop_cycles = 2;  // per transfer, however far
  int layer_launch_cycles = 400;
  int tile_issue_cycles = 16;
  double vector_elements_per_lane_cycle = 0.25;  // table activations, elementwise, global pooling
  int weight_prefetch_layers = 1;                // 0: weights are fetched when their layer starts
  WeightPolicy weights = WeightPolicy::kAuto;

  int pes() const { return pes_x * pes_y; }
  double register_file_bytes() const { return register_file_kib * 1024; }
  double local_memory_bytes() const { return local_memory_mib * 1024 * 1024; }
  /// Of its vector units: each lane has one.
  double vector_elements_per_pe_cycle() const {
    return vector_elements_per_lane_cycle * compute_lanes;
  }
  /// That transfers get.
  double io_bytes_per_cycle() const { return io_bandwidth_gbps * dram_efficiency / clock_ghz; }
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

/// One row of the table of parameters: a number, or a choice among names, whose value is then the
/// position of its name.
struct AcceleratorParameter {
  std::string key;   // as in YAML, "pes_x"
  std::string unit;  // "PEs", "KiB per lane", ...; of a choice "choice"
  double min, max;   // physical range, inclusive; of a choice, first and last position
  bool integer;
  bool searched;  // in the published space; a design space may vary any
  std::string meaning;
  std::string source;
  double (*get)(const AcceleratorConfig&);
  void (*set)(AcceleratorConfig&, double);
  std::vector<std::string> names;  // of a choice, in the order of its enumeration; else empty
  /// Behind the value in to_yaml(). Never changed: data sets and models keep that text and refuse
  /// another.
  std::string comment;

  bool is_choice() const { return !names.empty(); }
  /// "1 to 64", "auto, cached, streamed".
  std::string range() const;
  /// The same for messages: "an integer from 1 to 64 PEs", "auto, cached, streamed".
  std::string allowed() const;
  /// Throws InputError with the place if the node has no value that is allowed.
  double read(const YamlNode& node) const;
  /// A value as it is written, that of a configuration and that of the defaults.
  std::string text_of(double value) const;
  std::string text_in(const AcceleratorConfig& config) const { return text_of(get(config)); }
  std::string default_text() const { return text_in({}); }
};
std::span<const AcceleratorParameter> accelerator_parameters();

/// The parameter that the node names; throws InputError with the place and the nearest name.
const AcceleratorParameter& read_parameter_name(const YamlNode& node);

std::string to_string(WeightPolicy policy);

}  // namespace dovetail
