#include "sim/exchange/foreign_accelerators.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/files/yaml.h"
#include "base/text/text.h"
#include "sim/silicon/area_model.h"
#include "sim/silicon/energy_model.h"
#include "sim/silicon/memory_model.h"

namespace dovetail {
namespace {

constexpr double kBits = 8;  // of a byte

std::int64_t at_least_one(double number) {
  return std::max<std::int64_t>(1, std::llround(number));
}

/// What neither format has words for, as comment lines.
std::string what_is_not_said(const AcceleratorConfig& a) {
  std::string text = "# What this format cannot say, and dovetail simulates:\n";
  const auto add = [&](const std::string& line) { text += "# - " + line + "\n"; };
  add(
      fmt::format("a layer's launch ({} cycles), a tile's issue ({}) and the drain of a block of "
                  "outputs ({})",
                  a.layer_launch_cycles, a.tile_issue_cycles, a.drain_cycles));
  add(fmt::format(
      "the broadcast bus ({} bytes a cycle) and the links between PEs ({} bytes a PE "
      "and cycle):",
      format_number(a.broadcast_bytes_per_cycle), format_number(a.link_bytes_per_pe_cycle)));
  text +=
      "#   each PE fills its local memory from outside, and tensors do not stay between layers\n";
  add(
      fmt::format("vector units ({} elements a lane and cycle): table activations, sums, products, "
                  "pools",
                  format_number(a.vector_elements_per_lane_cycle)));
  add(fmt::format("operands of depthwise taps ({} bytes a lane and cycle)",
                  format_number(a.activation_bytes_per_lane_cycle)));
  add(fmt::format("weights that stay on the chip between inferences ({}) and run ahead ({} layers)",
                  to_string(a.weights), a.weight_prefetch_layers));
  add("a lane's units divided among channels and positions, anew for each layer");
  add("leakage, clock and background power, which take energy as time passes");
  return text;
}

/// A bank of a lane's register file: what one unit has for its weights and int32 accumulators.
double unit_register_bytes(const AcceleratorConfig& a) {
  return a.register_file_bytes() / a.simd_units;
}

struct ZigzagPort {
  const char* name;
  const char* type;
  std::int64_t bits;
  std::vector<const char*> allocation;
};

struct ZigzagMemory {
  const char* name;
  const char* comment;
  double bytes;
  double read_pj, write_pj;  // of an access as wide as the widest port
  double area_mm2;
  int latency;
  const char* operands;
  const char* served;
  std::vector<ZigzagPort> ports;
};

std::string zigzag_text(const ZigzagMemory& memory) {
  std::string text = fmt::format(
      "  {}:  # {}\n    size: {}  # bits\n    r_cost: {:.6g}  # pJ an access\n    w_cost: {:.6g}\n"
      "    area: {:.6g}  # mm2\n    latency: {}\n    operands: [{}]\n    ports:\n",
      memory.name, memory.comment, std::llround(memory.bytes * kBits), memory.read_pj,
      memory.write_pj, memory.area_mm2, memory.latency, memory.operands);
  for (const ZigzagPort& port : memory.ports) {
    text += fmt::format(
        "      - name: {}\n        type: {}\n        bandwidth_min: {}\n        bandwidth_max: {}\n"
        "        allocation:\n",
        port.name, port.type, std::min<std::int64_t>(port.bits, 8), port.bits);
    for (const char* use : port.allocation) text += fmt::format("          - {}\n", use);
  }
  return text + fmt::format("    served_dimensions: [{}]\n", memory.served);
}

/// From the multipliers outwards, as ZigZag wants them.
std::vector<ZigzagMemory> zigzag_memories(const AcceleratorConfig& a, const Technology& t) {
  const EnergyModel energy(a, t);
  const std::int64_t weight_bits = at_least_one(a.register_file_bytes_per_unit_cycle * kBits);
  constexpr std::int64_t kAccumulatorBits = 32;
  const std::int64_t register_bits = std::max(weight_bits, kAccumulatorBits);
  const double register_pj = energy.pj(Event::kRegisterFileByte) * register_bits / kBits;
  const double local_pj = energy.pj(Event::kLocalMemoryByte) * a.local_memory_bytes_per_pe_cycle;
  const std::int64_t local_bits = at_least_one(a.local_memory_bytes_per_pe_cycle * kBits);
  const std::int64_t io_bits = at_least_one(a.io_bytes_per_cycle() * kBits);
  const double io_pj = (energy.pj(Event::kIoByte) + energy.pj(Event::kDramByte)) * io_bits / kBits;
  constexpr double kOutsideBytes = 8.0 * 1024 * 1024 * 1024;  // more than any network needs
  const double register_mm2 = area_mm2(register_file_array(a, t), t) / a.simd_units;
  return {{"register_file",
           "one unit's bank of its lane's register file: weights and int32 accumulators",
           unit_register_bytes(a),
           register_pj,
           register_pj,
           register_mm2,
           1,
           "I2, O",
           "D4",
           {{"r_port_1", "read", weight_bits, {"I2, tl"}},
            {"w_port_1", "write", weight_bits, {"I2, fh"}},
            {"r_port_2", "read", kAccumulatorBits, {"O, tl", "O, th"}},
            {"w_port_2", "write", kAccumulatorBits, {"O, fl", "O, fh"}}}},
          {"local_memory",
           "of one PE, for all its lanes; one port for these and one for what comes and goes",
           a.local_memory_bytes(),
           local_pj,
           local_pj,
           area_mm2(local_memory_array(a, t), t),
           1,
           "I1, I2, O",
           "D2, D3, D4",
           {{"r_port_1", "read", local_bits, {"I1, tl", "I2, tl", "O, tl", "O, th"}},
            {"w_port_1", "write", local_bits, {"I1, fh", "I2, fh", "O, fh", "O, fl"}}}},
          {"outside",
           "through the IO port, with what transfers get of its bandwidth",
           kOutsideBytes,
           io_pj,
           io_pj,
           0,
           a.io_latency_cycles,
           "I1, I2, O",
           "D1, D2, D3, D4",
           {{"rw_port_1",
             "read_write",
             io_bits,
             {"I1, fh", "I1, tl", "I2, fh", "I2, tl", "O, fh", "O, tl", "O, fl", "O, th"}}}}};
}

/// A memory of Timeloop: `port_bytes` wide, bandwidths in bytes a cycle.
std::string timeloop_memory(std::string_view name, std::string_view comment, std::string_view kind,
                            double bytes, double port_bytes, double read, double write,
                            std::string_view keep) {
  const std::int64_t width = at_least_one(port_bytes);
  std::string text = fmt::format(
      "  - !Component  # {}\n    name: {}\n    class: {}\n    attributes:\n", comment, name, kind);
  if (bytes > 0) {
    const auto depth = static_cast<std::int64_t>(bytes / static_cast<double>(width));
    text += fmt::format("      depth: {}  # words of a byte, {} a row\n",
                        std::max<std::int64_t>(1, depth), width);
  }
  text += fmt::format(
      "      width: {}\n      datawidth: 8\n      read_bandwidth: {}\n      write_bandwidth: {}\n",
      width * 8, format_number(read), format_number(write));
  if (!keep.empty()) text += fmt::format("    constraints:\n      dataspace: {}\n", keep);
  return text + "\n";
}

std::string timeloop_container(std::string_view name, std::string_view comment,
                               std::string_view spatial) {
  return fmt::format("  - !Container  # {}\n    name: {}\n    spatial: {}\n\n", comment, name,
                     spatial);
}

}  // namespace

std::string zigzag_yaml(const AcceleratorConfig& a, const Technology& t) {
  const EnergyModel energy(a, t);
  std::string text = fmt::format(
      "# {}, at {} GHz and {}, for ZigZag: a cycle there is one here, energies are of a byte that "
      "moves or\n# a multiply-accumulate that is done.\n#\n{}",
      a.name, format_number(a.clock_ghz), t.name, what_is_not_said(a));
  text += fmt::format("name: {}\n\nmemories:\n", yaml_scalar(a.name));
  for (const ZigzagMemory& memory : zigzag_memories(a, t)) text += zigzag_text(memory) + "\n";
  text += fmt::format(
      "operational_array:\n  input_precision: [8, 8]\n  unit_energy: {:.6g}  # pJ, multiply and "
      "accumulate\n  unit_area: {:.6g}  # mm2\n  dimensions: [D1, D2, D3, D4]  # PEs, lanes, "
      "units, "
      "ways\n  sizes: [{}, {}, {}, {}]\n",
      energy.pj(Event::kMac), t.mac_mm2, a.pes(), a.compute_lanes, a.simd_units, a.simd_width);
  return text;
}

std::string timeloop_yaml(const AcceleratorConfig& a, const Technology& t) {
  std::string text = fmt::format(
      "# {}, for Timeloop and Accelergy (format 0.4), which find energies and areas by classes of\n"
      "# components and a technology of their own: those of dovetail ({}) stand in its "
      "reports.\n#\n"
      "{}# - int32 accumulators beside int8 weights in one register file: a word is a byte here\n",
      a.name, t.name, what_is_not_said(a));
  text +=
      fmt::format("architecture:\n  version: 0.4\n  nodes:\n  - !Container\n    name: system\n\n");
  const double io = a.io_bytes_per_cycle();
  text +=
      timeloop_memory("outside", "through the IO port, with what transfers get of its bandwidth",
                      "DRAM", 0, io, io, io, "");
  text += fmt::format(
      "  - !Container\n    name: chip\n    attributes:\n      technology: \"{}nm\"\n"
      "      global_cycle_seconds: {:.6g}  # {} GHz\n\n",
      format_number(t.node_nm), 1e-9 / a.clock_ghz, format_number(a.clock_ghz));
  text += timeloop_container("PE", "processing elements, columns and rows",
                             fmt::format("{{meshX: {}, meshY: {}}}", a.pes_x, a.pes_y));
  const double local = a.local_memory_bytes_per_pe_cycle;
  text += timeloop_memory("local_memory", "of one PE, for all its lanes", "SRAM",
                          a.local_memory_bytes(), local, local, local,
                          "{keep: [Inputs, Weights, Outputs]}");
  text += timeloop_container("lane", "compute lanes that share a local memory",
                             fmt::format("{{meshX: {}}}", a.compute_lanes));
  text += timeloop_container("unit", "SIMD units of a lane, in lockstep",
                             fmt::format("{{meshX: {}}}", a.simd_units));
  const double weights = a.register_file_bytes_per_unit_cycle;
  text += timeloop_memory("register_file",
                          "one unit's bank of its lane's register file: weights and accumulators",
                          "regfile", unit_register_bytes(a), std::max(1.0, weights), weights + 4,
                          weights + 4, "{keep: [Weights, Outputs], bypass: [Inputs]}");
  text += timeloop_container("way", "multiply-accumulates of a unit, along input channels",
                             fmt::format("{{meshX: {}}}", a.simd_width));
  return text +
         "  - !Component\n    name: mac\n    class: intmac\n    attributes:\n"
         "      multiplier_width: 8\n      adder_width: 32\n";
}

}  // namespace dovetail
