#include "hw_space/accelerator_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <type_traits>

#include "base/text/text.h"

namespace dovetail {
namespace {

constexpr const char* kSchema = "dovetail.accelerator/1";

// Where the numbers come from. "Coral": chosen among round values so that the cycles which Google's
// compiler estimates for three MobileNets on the Coral Edge TPU are met within 10 %.
constexpr const char* kNahas = "NAHAS (Zhou et al. 2021), table 1";
constexpr const char* kCoral = "fit: Coral Edge TPU compiler estimates";
constexpr const char* kAssumed = "assumed";

template <auto kMember>
double get(const AcceleratorConfig& config) {
  return static_cast<double>(config.*kMember);
}

template <auto kMember>
void set(AcceleratorConfig& config, double value) {
  config.*kMember = static_cast<std::remove_reference_t<decltype(config.*kMember)>>(value);
}

template <auto kMember>
AcceleratorParameter row(const char* key, const char* unit, double min, double max, bool searched,
                         const char* meaning, const char* source) {
  using Field = std::remove_cvref_t<decltype(std::declval<AcceleratorConfig&>().*kMember)>;
  return {key,      unit,    min,    max,           std::is_integral_v<Field>,
          searched, meaning, source, &get<kMember>, &set<kMember>,
          {},       unit};
}

/// `names` in the order of the enumeration.
template <auto kMember>
AcceleratorParameter choice(const char* key, std::vector<std::string> names, const char* meaning,
                            const char* source) {
  const std::string comment = join(names, " | ");
  const double last = static_cast<double>(names.size()) - 1;
  return {
      key,           "choice",         0,      last, true, false, meaning, source, &get<kMember>,
      &set<kMember>, std::move(names), comment};
}

AcceleratorParameter with_comment(AcceleratorParameter parameter, const char* comment) {
  parameter.comment = comment;
  return parameter;
}

// Ranges are what hardware of this kind can have, wider than what any search here tries.
std::vector<AcceleratorParameter> make_parameters() {
  using C = AcceleratorConfig;
  return {
      row<&C::pes_x>("pes_x", "PEs", 1, 64, true, "columns of processing elements", kNahas),
      row<&C::pes_y>("pes_y", "PEs", 1, 64, true, "rows of processing elements", kNahas),
      row<&C::simd_units>("simd_units", "units per lane", 1, 1024, true,
                          "SIMD units that work in lockstep", kNahas),
      row<&C::compute_lanes>("compute_lanes", "lanes per PE", 1, 64, true,
                             "lanes that share a local memory", kNahas),
      row<&C::register_file_kib>("register_file_kib", "KiB per lane", 0.25, 4096, true,
                                 "stationary weights and int32 accumulators", kNahas),
      row<&C::local_memory_mib>("local_memory_mib", "MiB per PE", 0.03, 64, true,
                                "activations, and weights that stay", kNahas),
      row<&C::io_bandwidth_gbps>("io_bandwidth_gbps", "GB/s (1e9 bytes)", 0.1, 2000, true,
                                 "the one port to memory outside", kNahas),
      row<&C::clock_ghz>("clock_ghz", "GHz", 0.05, 5, false, "clock of the whole chip",
                         "NAHAS (Zhou et al. 2021): 26 TOPS at the baseline"),
      row<&C::simd_width>("simd_width", "int8 MACs per unit and cycle", 1, 64, false,
                          "multiply-accumulates of a unit", "NAHAS (Zhou et al. 2021): 4-way"),
      row<&C::register_file_bytes_per_unit_cycle>("register_file_bytes_per_unit_cycle",
                                                  "bytes per unit and cycle", 0.0625, 64, false,
                                                  "weights that a unit can read", kCoral),
      row<&C::activation_bytes_per_lane_cycle>(
          "activation_bytes_per_lane_cycle", "bytes per lane and cycle", 1, 4096, false,
          "operands for depthwise taps, which no broadcast shares", kCoral),
      row<&C::local_memory_bytes_per_pe_cycle>(
          "local_memory_bytes_per_pe_cycle", "bytes per PE and cycle", 1, 65536, false,
          "port of the local memory, which all lanes share", kAssumed),
      row<&C::broadcast_bytes_per_cycle>(
          "broadcast_bytes_per_cycle", "bytes per cycle", 1, 65536, false,
          "weights and inputs to all PEs that need them, one copy", kCoral),
      row<&C::link_bytes_per_pe_cycle>("link_bytes_per_pe_cycle", "bytes per PE and cycle", 1, 4096,
                                       false, "activations and partial sums from other PEs",
                                       kCoral),
      row<&C::drain_cycles>("drain_cycles", "cycles per block of outputs", 0, 4096, false,
                            "requantisation and write-back", kCoral),
      row<&C::dram_efficiency>("dram_efficiency", "share of the bandwidth", 0.01, 1, false,
                               "what transfers get of the IO bandwidth; 1 where that is one which "
                               "was measured",
                               kAssumed),
      row<&C::io_latency_cycles>("io_latency_cycles", "cycles", 0, 100000, false,
                                 "from request to first byte of a DMA transfer", kAssumed),
      choice<&C::io_phy_area>("io_phy_area", {"excluded", "included"},
                              "pads and transceivers of the IO port (its PHY): beside the area, or "
                              "in it",
                              "as published areas of synthesised accelerators"),
      with_comment(row<&C::interconnect_hop_cycles>(
                       "interconnect_hop_cycles", "cycles per transfer", 0, 1000, false,
                       "entering and leaving the interconnect: once a transfer, however many PEs "
                       "it passes",
                       kAssumed),
                   "cycles per hop"),
      row<&C::layer_launch_cycles>("layer_launch_cycles", "cycles per layer", 0, 1000000, false,
                                   "setting up and synchronising a layer",
                                   "fit: NAHAS (Zhou et al. 2021), table 3, half a microsecond"),
      row<&C::tile_issue_cycles>("tile_issue_cycles", "cycles per tile", 0, 100000, false,
                                 "decoding a tile's command and synchronising the PEs", kAssumed),
      row<&C::vector_elements_per_lane_cycle>(
          "vector_elements_per_lane_cycle", "elements per lane and cycle", 0.0625, 4096, false,
          "vector unit of a lane: table activations, elementwise operators, global pooling",
          "fit: NAHAS (Zhou et al. 2021), table 3, EfficientNet-B0 with SE and swish"),
      row<&C::weight_prefetch_layers>("weight_prefetch_layers", "layers", 0, 1000, false,
                                      "how many layers ahead weights are fetched where local "
                                      "memory has room; 1: only the first "
                                      "tiles of the next",
                                      kAssumed),
      choice<&C::weights>("weights", {"auto", "cached", "streamed"},
                          "where weights live between inferences: on chip, outside, or on chip "
                          "where they fit and that is faster",
                          kAssumed),
  };
}

const AcceleratorParameter& row_of(const char* key) {
  return *std::ranges::find(accelerator_parameters(), key, &AcceleratorParameter::key);
}

}  // namespace

std::span<const AcceleratorParameter> accelerator_parameters() {
  static const std::vector<AcceleratorParameter> kParameters = make_parameters();
  return kParameters;
}

const AcceleratorParameter& read_parameter_name(const YamlNode& node) {
  const std::string key = node.as_string();
  std::vector<std::string> known;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (parameter.key == key) return parameter;
    known.push_back(parameter.key);
  }
  throw node.error(unknown_name("accelerator parameter", key, known));
}

std::string AcceleratorParameter::range() const {
  return is_choice() ? join(names) : fmt::format("{} to {}", min, max);
}

std::string AcceleratorParameter::allowed() const {
  if (is_choice()) return range();
  return fmt::format("{} from {} {}", integer ? "an integer" : "a number", range(), unit);
}

double AcceleratorParameter::read(const YamlNode& node) const {
  if (is_choice()) return static_cast<double>(node.as_choice(names));
  if (!integer) return node.as_double(min, max);
  return static_cast<double>(
      node.as_int(static_cast<std::int64_t>(min), static_cast<std::int64_t>(max)));
}

std::string AcceleratorParameter::text_of(double value) const {
  const bool named = is_choice() && value >= min && value <= max;
  return named ? names[static_cast<std::size_t>(value)] : format_number(value);
}

std::string to_string(WeightPolicy policy) {
  static const AcceleratorParameter& kWeights = row_of("weights");
  return kWeights.text_of(static_cast<double>(policy));
}

AcceleratorConfig AcceleratorConfig::from_yaml(const YamlNode& node) {
  AcceleratorConfig config;
  YamlMap map = node.map();
  map.require_schema(kSchema);
  if (auto name = map.optional("name")) config.name = name->as_string();
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (const auto value = map.optional(parameter.key)) {
      parameter.set(config, parameter.read(*value));
    }
  }
  map.finish();
  return config;
}

AcceleratorConfig AcceleratorConfig::load(const std::filesystem::path& file) {
  return from_yaml(YamlNode::load(file));
}

std::string AcceleratorConfig::to_yaml() const {
  std::string text = fmt::format("schema: {}\nname: {}\n", kSchema, yaml_scalar(name));
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    text +=
        fmt::format("{}: {}  # {}\n", parameter.key, parameter.text_in(*this), parameter.comment);
  }
  return text;
}

void AcceleratorConfig::validate() const {
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    const double value = parameter.get(*this);
    if (!(value >= parameter.min && value <= parameter.max)) {  // so that NaN is out of range too
      throw InputError(fmt::format("accelerator '{}': {}: found {}, allowed {}", name,
                                   parameter.key, value, parameter.allowed()));
    }
  }
}

}  // namespace dovetail
