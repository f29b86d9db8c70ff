#include "sim/report.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/text/csv.h"
#include "base/text/digits.h"
#include "base/text/grouped.h"
#include "base/text/table.h"
#include "base/text/version.h"
#include "sim/mapping/mapping_candidates.h"
#include "sim/silicon/frame_rate.h"

namespace dovetail {
namespace {

using Json = nlohmann::ordered_json;

struct Part {
  const char* name;
  std::int64_t CycleBreakdown::*cycles;
};
constexpr std::array<Part, 7> kParts = {{{"compute", &CycleBreakdown::compute},
                                         {"vector", &CycleBreakdown::vector},
                                         {"io", &CycleBreakdown::stall_io},
                                         {"weights", &CycleBreakdown::stall_weights},
                                         {"interconnect", &CycleBreakdown::stall_interconnect},
                                         {"local_memory", &CycleBreakdown::stall_local_memory},
                                         {"launch", &CycleBreakdown::stall_launch}}};

std::string cycles_key(const Part& part) {
  const bool busy =
      part.cycles == &CycleBreakdown::compute || part.cycles == &CycleBreakdown::vector;
  return (busy ? "" : "stall_") + std::string(part.name) + "_cycles";
}

void add_breakdown(Json& json, const CycleBreakdown& breakdown) {
  for (const Part& part : kParts) json[cycles_key(part)] = breakdown.*part.cycles;
}

void add_activity(Json& json, const ActivityCounts& activity) {
  json["vector_ops"] = activity.vector_ops;
  json["register_file_bytes"] = activity.register_file_bytes;
  json["local_memory_bytes"] = activity.local_memory_bytes;
  json["interconnect_bytes"] = activity.interconnect_bytes;
  json["io_bytes"] = activity.io_bytes;
}

void add_energy(Json& json, const EnergyBreakdown& energy) {
  json["energy_mj"] = energy.total();
  json["energy_on_chip_mj"] = energy.on_chip();
  for (const EnergyPart& part : energy_parts()) {
    json[std::string(part.name) + "_mj"] = energy.*part.mj;
  }
}

void add_memory(Json& json, const MemoryUse& memory) {
  json["local_memory_peak_bytes_per_pe"] = memory.local_memory_peak_bytes;
  json["local_memory_bytes_per_pe"] = memory.local_memory_bytes;
  json["register_file_peak_bytes_per_lane"] = memory.register_file_peak_bytes;
  json["register_file_bytes_per_lane"] = memory.register_file_bytes;
}

/// Of the roofline: operations by byte through the IO port, and what was attained.
void add_roofline(Json& json, const LayerResult& layer) {
  const auto macs = static_cast<double>(layer.activity.macs);
  json["macs_per_cycle"] = macs / static_cast<double>(layer.cycles);
  json["macs_per_io_byte"] = nullptr;
  if (layer.activity.io_bytes > 0) {
    json["macs_per_io_byte"] = macs / static_cast<double>(layer.activity.io_bytes);
  }
}

Json layer_json(const LayerResult& layer) {
  Json json;
  json["name"] = layer.name;
  json["op"] = layer.op;
  json["macs"] = layer.activity.macs;
  json["cycles"] = layer.cycles;
  add_breakdown(json, layer.breakdown);
  json["lower_bound_cycles"] = layer.lower_bound_cycles();
  json["lower_bound_compute_cycles"] = layer.lower_bound_compute_cycles;
  json["lower_bound_io_cycles"] = layer.lower_bound_io_cycles;
  json["bound"] = bound_of(layer.breakdown);
  json["utilization"] = layer.utilization;
  add_activity(json, layer.activity);
  json["prefetched_bytes"] = layer.prefetched_bytes;
  add_roofline(json, layer);
  add_memory(json, layer.memory);
  add_energy(json, layer.energy);
  json["mapping"] = layer.mapping;
  return json;
}

std::string unit_of(const std::string& key) {
  if (key.ends_with("_mj")) return "mJ";
  if (key.ends_with("cycles")) return "cycles";
  return key.find("_bytes") == std::string::npos ? "" : "bytes";
}

/// What the layers attain of what they could, and of the peak.
std::string attainment_text(const Network& network, const AcceleratorConfig& accelerator,
                            const SimulationResult& result) {
  if (result.macs == 0) return "";
  const double peak = accelerator.peak_macs_per_cycle();
  const double attainable = attainable_macs_per_cycle(accelerator, network);
  const double attained = static_cast<double>(result.macs) / static_cast<double>(result.cycles);
  const auto whole = [](double macs) { return grouped(std::llround(macs)); };
  return fmt::format(
      "  {} MACs a cycle: {:.1f} % of the {} that a dense layer attains, {:.1f} % of the peak, {} "
      "({:.3g} TOPS)\n",
      whole(attained), 100 * attained / attainable, whole(attainable), 100 * attained / peak,
      whole(peak), 2 * peak * accelerator.clock_ghz / 1000);
}

/// A rate, rounded down to five digits: what is shown can be kept.
std::string rate_text(double per_s) {
  const double unit = std::pow(10, std::floor(std::log10(per_s)) - 4);
  return fmt::format("{:.5g}", unit * std::floor(per_s / unit));
}

std::string throughput_text(const SimulationResult& result) {
  std::string first = "the first takes as long";
  if (result.weight_load_cycles > 0) {
    first = fmt::format(
        "the first takes at most {:.4f} ms and {:.4g} mJ, since it loads {:.2f} MB of weights",
        result.cold_latency_ms, result.energy.total() + result.weight_load_energy.total(),
        static_cast<double>(result.kept_weight_bytes) / 1e6);
  }
  return fmt::format("  {} inferences a second, one after another; {}\n",
                     rate_text(inferences_per_s(result.latency_ms)), first);
}

/// Why a frame rate cannot be kept.
std::string rate_reason(const FrameRateEnergy& rate, double latency_ms) {
  return fmt::format(
      "an inference takes {:.4f} ms and a frame comes every {:.4f} ms; at most {} frames/s",
      latency_ms, rate.period_ms, rate_text(rate.highest_per_s));
}

std::string frame_rate_text(const SimulationResult& result, double frames_per_s) {
  const FrameRateEnergy rate = at_frame_rate(result.energy, result.latency_ms, frames_per_s);
  std::string text = fmt::format("  at {:g} frames/s: ", frames_per_s);
  if (!rate.kept) return text + "infeasible, " + rate_reason(rate, result.latency_ms) + "\n";
  return text + fmt::format(
                    "{:.4g} mJ an inference ({:.4g} mW on average), of which {:.4g} mJ ({:.4g} mW) "
                    "on the chip; leakage {:.1f} %\n",
                    rate.energy.total(), rate.average_power_mw, rate.energy.on_chip(),
                    rate.on_chip_power_mw, 100 * rate.energy.leakage / rate.energy.total());
}

Json frame_rate_json(const SimulationResult& result, double frames_per_s) {
  const FrameRateEnergy rate = at_frame_rate(result.energy, result.latency_ms, frames_per_s);
  Json json;
  json["frames_per_s"] = frames_per_s;
  json["period_ms"] = rate.period_ms;
  json["highest_frames_per_s"] = rate.highest_per_s;
  json["feasible"] = rate.kept;
  if (!rate.kept) {
    json["reason_text"] = rate_reason(rate, result.latency_ms);
    return json;
  }
  json["energy_mj"] = rate.energy.total();
  json["energy_on_chip_mj"] = rate.energy.on_chip();
  json["leakage_mj"] = rate.energy.leakage;
  json["average_power_mw"] = rate.average_power_mw;
  json["average_power_on_chip_mw"] = rate.on_chip_power_mw;
  return json;
}

/// A layer that no other reads, and when it has given all of its output.
struct OutputTime {
  std::string layer;
  double latency_ms = 0;
};

/// Of a network with several outputs; else none, since the latency is that of the one.
std::vector<OutputTime> output_times(const Network& network, const SimulationResult& result) {
  std::vector<OutputTime> times;
  const double ms_per_cycle = result.latency_ms / static_cast<double>(result.cycles);
  std::int64_t cycles = 0;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    cycles += result.layers[i].cycles;
    if (network.last_reader()[i] != static_cast<int>(i)) continue;
    times.push_back({result.layers[i].name, ms_per_cycle * static_cast<double>(cycles)});
  }
  if (times.size() == 1) times.clear();
  return times;
}

std::string outputs_text(const Network& network, const SimulationResult& result) {
  std::string text;
  for (const OutputTime& output : output_times(network, result)) {
    text += fmt::format("{}{} after {:.4f} ms", text.empty() ? "  outputs: " : ", ", output.layer,
                        output.latency_ms);
  }
  return text.empty() ? text : text + "\n";
}

std::string weights_text(const SimulationResult& result) {
  if (result.weights_cached()) return "cached on chip";
  if (result.kept_weight_bytes == 0) return "streamed";
  return fmt::format(
      "cached {:.2f} of {:.2f} MB", static_cast<double>(result.kept_weight_bytes) / 1e6,
      static_cast<double>(result.kept_weight_bytes + result.streamed_weight_bytes) / 1e6);
}

Json accelerator_json(const AcceleratorConfig& accelerator) {
  Json json;
  json["name"] = accelerator.name;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    const double value = parameter.get(accelerator);
    if (parameter.is_choice()) {
      json[parameter.key] = parameter.text_of(value);
    } else if (parameter.integer) {
      json[parameter.key] = static_cast<std::int64_t>(value);
    } else {
      json[parameter.key] = value;
    }
  }
  return json;
}

}  // namespace

std::string bound_of(const CycleBreakdown& breakdown) {
  const Part* largest = &kParts[0];
  for (const Part& part : kParts) {
    if (breakdown.*part.cycles > breakdown.*largest->cycles) largest = &part;
  }
  return largest->name;
}

std::string breakdown_text(const CycleBreakdown& breakdown) {
  std::string text = grouped(breakdown.total()) + " cycles";
  const char* separator = ": ";
  for (const Part& part : kParts) {
    if (breakdown.*part.cycles == 0) continue;
    text += fmt::format("{}{} {}", separator, part.name, grouped(breakdown.*part.cycles));
    separator = ", ";
  }
  return text;
}

std::string simulation_json(const Network& network, const AcceleratorConfig& accelerator,
                            const SimulationResult& result, std::optional<double> frames_per_s) {
  Json json;
  json["schema"] = "dovetail.simulation/1";
  json["build"] = build_description();
  json["network"] = network.name();
  json["accelerator"] = accelerator_json(accelerator);
  json["feasible"] = result.feasible();
  json["macs"] = result.macs;
  json["parameters"] = network.parameters();
  json["technology"] = result.technology;
  json["temperature_c"] = result.temperature_c;
  json["area_mm2"] = result.area_mm2;
  for (const HardwareComponent& component : hardware_components()) {
    json["components_mm2"][component.name] = result.area_components.*component.value;
  }
  if (!result.feasible()) {
    json["reason"] = to_string(result.reason);
    json["reason_text"] = result.reason_text;
    return json.dump(2) + "\n";
  }
  json["latency_ms"] = result.latency_ms;
  json["cold_latency_ms"] = result.cold_latency_ms;
  json["inferences_per_s"] = inferences_per_s(result.latency_ms);
  json["cycles"] = result.cycles;
  add_breakdown(json, result.breakdown);
  json["weights_cached"] = result.weights_cached();
  json["kept_weight_bytes"] = result.kept_weight_bytes;
  json["streamed_weight_bytes"] = result.streamed_weight_bytes;
  json["weight_load_cycles"] = result.weight_load_cycles;
  json["weight_load_mj"] = result.weight_load_energy.total();
  add_memory(json, result.memory);
  json["roofline"] = {
      {"peak_macs_per_cycle", accelerator.peak_macs_per_cycle()},
      {"attainable_macs_per_cycle", attainable_macs_per_cycle(accelerator, network)},
      {"io_bytes_per_cycle", accelerator.io_bytes_per_cycle()}};
  add_activity(json, result.activity);
  add_energy(json, result.energy);
  json["average_power_on_chip_mw"] = average_power_mw(result.energy.on_chip(), result.latency_ms);
  json["energy_delay_product_mj_ms"] =
      energy_delay_product(result.energy.total(), result.latency_ms);
  if (frames_per_s) json["rate"] = frame_rate_json(result, *frames_per_s);
  for (const OutputTime& output : output_times(network, result)) {
    json["outputs"].push_back({{"layer", output.layer}, {"latency_ms", output.latency_ms}});
  }
  json["layers"] = Json::array();
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    Json layer = layer_json(result.layers[i]);
    const TensorShape& output = network.layers()[i].output;
    layer["output"] = {output.height, output.width, output.channels};
    json["layers"].push_back(std::move(layer));
  }
  return json.dump(2) + "\n";
}

std::string simulation_csv(const SimulationResult& result) {
  CsvWriter csv("dovetail.layers/1");
  std::vector<CsvColumn> columns;
  const Json first = result.layers.empty() ? layer_json({}) : layer_json(result.layers.front());
  for (const auto& [key, value] : first.items()) columns.push_back({key, unit_of(key)});
  csv.header(columns);
  for (const LayerResult& layer : result.layers) {
    const Json json = layer_json(layer);
    for (const Json& value : json) {
      if (value.is_string()) {
        csv.cell(value.get<std::string>());
      } else if (value.is_number_integer()) {
        csv.cell(value.get<std::int64_t>());
      } else {
        csv.cell(value.is_null() ? std::nan("") : value.get<double>());
      }
    }
    csv.end_row();
  }
  return csv.text();
}

std::string simulation_table(const SimulationResult& result) {
  using Align = Table::Align;
  Table table({{"layer", Align::kLeft},
               {"op", Align::kLeft},
               {"MACs"},
               {"cycles"},
               {"%"},
               {"bound", Align::kLeft},
               {"utilisation %"},
               {"compute"},
               {"vector"},
               {"io"},
               {"weights"},
               {"interconnect"},
               {"local memory"},
               {"launch"}});
  const auto add = [&](const std::string& name, const std::string& op, std::int64_t macs,
                       const CycleBreakdown& b, double utilization) {
    std::vector<std::string> row = {name,
                                    op,
                                    grouped(macs),
                                    grouped(b.total()),
                                    fmt::format("{:.1f}", 100.0 * static_cast<double>(b.total()) /
                                                              static_cast<double>(result.cycles)),
                                    bound_of(b),
                                    fmt::format("{:.1f}", 100 * utilization)};
    for (const Part& part : kParts) row.push_back(grouped(b.*part.cycles));
    table.add_row(row);
  };
  double peak_cycles = 0;
  for (const LayerResult& layer : result.layers) {
    add(layer.name, layer.op, layer.activity.macs, layer.breakdown, layer.utilization);
    peak_cycles += layer.utilization * static_cast<double>(layer.cycles);
  }
  table.add_rule();
  add("total", "", result.macs, result.breakdown, peak_cycles / static_cast<double>(result.cycles));
  return table.str();
}

std::string simulation_summary(const Network& network, const AcceleratorConfig& accelerator,
                               const SimulationResult& result, std::optional<double> frames_per_s) {
  std::string text = fmt::format("{} on {}: ", network.name(), accelerator.name);
  if (!result.feasible()) {
    return text +
           fmt::format("infeasible ({}): {}\n", to_string(result.reason), result.reason_text);
  }
  text += fmt::format("{} ms, {} cycles at {:g} GHz\n", digits_text(result.latency_ms, 4),
                      grouped(result.cycles), accelerator.clock_ghz);
  text += fmt::format(
      "  {:.1f} M MACs, {:.2f} M parameters, weights {}, {:.2f} MB through the IO "
      "port, area {:.1f} mm2\n",
      static_cast<double>(result.macs) / 1e6, static_cast<double>(network.parameters()) / 1e6,
      weights_text(result), static_cast<double>(result.activity.io_bytes) / 1e6, result.area_mm2);
  text += outputs_text(network, result);
  text += attainment_text(network, accelerator, result);
  text += throughput_text(result);
  const auto kib = [](std::int64_t bytes) { return static_cast<double>(bytes) / 1024; };
  text += fmt::format(
      "  at most {:.0f} of {:.0f} KiB of local memory in use per PE, {:.1f} of {:.1f} KiB of "
      "register file per lane\n",
      kib(result.memory.local_memory_peak_bytes), kib(result.memory.local_memory_bytes),
      kib(result.memory.register_file_peak_bytes), kib(result.memory.register_file_bytes));
  text += "  time:";
  for (const Part& part : kParts) {
    text += fmt::format(" {} {:.1f} %", part.name,
                        100.0 * static_cast<double>(result.breakdown.*part.cycles) /
                            static_cast<double>(result.cycles));
  }
  const EnergyBreakdown& energy = result.energy;
  text += fmt::format(
      "\n  energy at {} and {:g} C: {:.4g} mJ ({:.4g} mW on average), of which {:.4g} mJ ({:.4g} "
      "mW) on the chip; energy-delay product {:.4g} mJ ms\n  energy:",
      result.technology, result.temperature_c, energy.total(),
      average_power_mw(energy.total(), result.latency_ms), energy.on_chip(),
      average_power_mw(energy.on_chip(), result.latency_ms),
      energy_delay_product(energy.total(), result.latency_ms));
  for (const EnergyPart& part : energy_parts()) {
    text += fmt::format(" {} {:.1f} %", part.name, 100 * (energy.*part.mj) / energy.total());
  }
  text += "\n";
  return frames_per_s ? text + frame_rate_text(result, *frames_per_s) : text;
}

}  // namespace dovetail
