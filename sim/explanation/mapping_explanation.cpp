#include "sim/explanation/mapping_explanation.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"
#include "base/text/grouped.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "sim/mapping/planner.h"
#include "sim/report.h"

namespace dovetail {
namespace {

std::string kib(std::int64_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) / 1024);
}

/// Why a rival was not chosen, in a few words.
std::string verdict(const TriedMapping& rival, const TriedMapping& chosen,
                    const LayerContext& context) {
  if (&rival == &chosen) return "chosen";
  if (!rival.fits) {
    return fmt::format("does not fit: {} KiB left", kib(context.available_bytes));
  }
  const Cycles slower = rival.mapping.predicted_cycles - chosen.mapping.predicted_cycles;
  if (slower == 0) return "as fast, needs no less memory";
  const Cycles computing =
      rival.compute_cycles + rival.vector_cycles - chosen.compute_cycles - chosen.vector_cycles;
  const double percent =
      100.0 * static_cast<double>(slower) / static_cast<double>(chosen.mapping.predicted_cycles);
  return fmt::format("{:.1f} % slower: {}", percent,
                     computing >= slower ? "computing" : "moving data");
}

std::string where(const TensorPlacement& tensor) {
  if (!tensor.on_chip) return "from DRAM";
  return fmt::format("on chip as {}r x {}c x {}k", tensor.layout.rows, tensor.layout.cols,
                     tensor.layout.channels);
}

std::string heading(const MappingExplanation& e) {
  const LayerGeometry& g = e.geometry;
  return fmt::format(
      "{}: {}x{}x{} -> {}x{}x{}, {}x{} window, stride {}, {} MACs\n"
      "  input {}, output {}, {} KiB of a PE's local memory left for tiles\n"
      "  simulated: {}\n\n",
      e.simulated.name, g.in_h, g.in_w, g.in_c, g.out_h, g.out_w, g.out_c, g.kernel_h, g.kernel_w,
      g.stride_h, grouped(g.macs), where(e.context.inputs[0]),
      e.context.output_on_chip ? "stays on chip" : "to DRAM", kib(e.context.available_bytes),
      breakdown_text(e.simulated.breakdown));
}

std::string rivals_table(const MappingExplanation& e) {
  Table table({{"mapping", Table::Align::kLeft},
               {"cycles alone"},
               {"compute"},
               {"vector"},
               {"memory (KiB)"},
               {"why", Table::Align::kLeft}});
  for (const TriedMapping& rival : e.rivals) {
    const auto cycles = [&](Cycles n) { return rival.fits ? grouped(n) : "-"; };
    table.add_row({rival.mapping.str(), cycles(rival.mapping.predicted_cycles),
                   cycles(rival.compute_cycles), cycles(rival.vector_cycles),
                   kib(rival.mapping.buffer_bytes), verdict(rival, e.rivals.front(), e.context)});
  }
  return table.str();
}

/// From the cycles that the peak would take to those that were simulated, reason by reason.
std::string factors_text(const MappingExplanation& e, const AcceleratorConfig& accelerator) {
  const double peak = accelerator.peak_macs_per_cycle();
  double cycles = static_cast<double>(e.operations) / peak;
  std::string text =
      fmt::format("\n  Computing takes {} cycles; {} {} at {} a cycle would take {:.1f}\n",
                  grouped(e.simulated.breakdown.compute), grouped(e.operations),
                  e.geometry.macs > 0 ? "MACs" : "operations",
                  grouped(static_cast<std::int64_t>(peak)), cycles);
  Table table({{"factor"}, {"of peak (%)"}, {"cycles"}, {"why", Table::Align::kLeft}});
  double left = 1;
  for (const UtilizationFactor& factor : e.factors) {
    cycles /= factor.share;
    left *= factor.share;
    table.add_row({fmt::format("{:.3f}", factor.share), fmt::format("{:.1f}", 100 * left),
                   fmt::format("{:.1f}", cycles), factor.what});
  }
  return text + table.str();
}

}  // namespace

std::size_t find_layer(const Network& network, const std::string& name) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers()) {
    if (layer.name == name) return names.size();
    names.push_back(layer.name);
  }
  throw InputError(unknown_name("layer of " + network.name(), name, names));
}

std::vector<MappingExplanation> explain_mapping(const Network& network,
                                                const AcceleratorConfig& accelerator,
                                                const std::string& layer, int effort,
                                                SimulationResult& result) {
  const std::size_t first = layer.empty() ? 0 : find_layer(network, layer);
  const std::size_t end = layer.empty() ? network.layers().size() : first + 1;
  SimulatorOptions options;
  options.effort = effort;
  Simulator simulator(options);
  result = simulator.run(network, accelerator);
  std::vector<MappingExplanation> explanations;
  if (!result.feasible()) return explanations;
  const Program& program = simulator.last_program();
  const Planner& planner = simulator.last_planner();
  Mapper mapper(planner.effort());
  for (std::size_t i = first; i < end; ++i) {
    const LayerProgram& commands = program.layers[i];
    const CompiledLayer compiled{planner.geometry(i), accelerator, commands.mapping,
                                 std::span(program.tiles)
                                     .subspan(static_cast<std::size_t>(commands.first_tile),
                                              static_cast<std::size_t>(commands.tiles))};
    MappingExplanation e;
    e.geometry = planner.geometry(i);
    e.context = planner.contexts()[i];
    e.rivals = mapper.rivals(e.geometry, accelerator, e.context);
    e.operations = compiled.operations();
    e.factors = utilization_factors(compiled);
    e.loops = loop_nest(compiled);
    e.simulated = result.layers[i];
    explanations.push_back(std::move(e));
  }
  return explanations;
}

std::string explanation_text(const MappingExplanation& explanation,
                             const AcceleratorConfig& accelerator) {
  std::string text = heading(explanation) + rivals_table(explanation);
  text += "\n  Loops of the chosen one, outermost first\n" + loop_nest_text(explanation.loops);
  if (!explanation.factors.empty()) text += factors_text(explanation, accelerator);
  return text;
}

}  // namespace dovetail
