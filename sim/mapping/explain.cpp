#include "sim/mapping/explain.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "sim/mapping/planner.h"

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
  const Cycles computing = rival.compute_cycles - chosen.compute_cycles;
  const double percent =
      100.0 * static_cast<double>(slower) / static_cast<double>(chosen.mapping.predicted_cycles);
  return fmt::format("{:.0f} % slower: {}", percent,
                     computing >= slower ? "computing" : "moving data");
}

std::string where(const TensorPlacement& tensor) {
  if (!tensor.on_chip) return "from DRAM";
  return fmt::format("on chip as {}r x {}c x {}k", tensor.layout.rows, tensor.layout.cols,
                     tensor.layout.channels);
}

}  // namespace

std::vector<UtilizationFactor> utilization_factors(const LayerGeometry& layer,
                                                   const AcceleratorConfig& accelerator,
                                                   const LayerMapping& mapping) {
  std::vector<UtilizationFactor> factors;
  if (layer.macs == 0) return factors;
  const PeTile share = pe_share(layer, mapping.pes);
  const LaneSplit& s = mapping.lanes;
  const auto add = [&](std::string what, double share_of_peak) {
    factors.push_back({std::move(what), share_of_peak});
  };
  const auto ratio = [](std::int64_t a, std::int64_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
  };
  add(fmt::format("PEs: {}x{}x{} outputs on {} PEs, {}x{}x{} on the busiest", layer.out_h,
                  layer.out_w, layer.out_c, accelerator.pes(), share.rows, share.cols,
                  share.channels),
      ratio(layer.out_elements(), accelerator.pes() * share.elements()));
  const std::int64_t lane_channels = ceil_div(share.channels, s.lane_channels);
  const std::int64_t lane_positions = ceil_div(share.positions(), s.lane_positions);
  add(fmt::format("lanes: {} lanes share them, {} positions x {} channels on the busiest",
                  accelerator.compute_lanes, lane_positions, lane_channels),
      ratio(share.elements(), accelerator.compute_lanes * lane_positions * lane_channels));
  add(fmt::format("units in use: {} of {} ({} channels x {} positions)",
                  s.unit_channels * s.unit_positions, accelerator.simd_units, s.unit_channels,
                  s.unit_positions),
      ratio(s.unit_channels * s.unit_positions, accelerator.simd_units));
  const std::int64_t blocks =
      ceil_div(lane_channels, s.unit_channels) * ceil_div(lane_positions, s.unit_positions);
  add(fmt::format("blocks: {} blocks of units, the last of them partly filled", blocks),
      ratio(lane_channels * lane_positions, blocks * s.unit_channels * s.unit_positions));
  const std::int64_t steps = layer.taps() * ceil_div(layer.reduction_channels(), s.ways);
  add(layer.kind == WorkKind::kDepthwise
          ? fmt::format("ways: 1 of {}; a depthwise output has one input channel",
                        accelerator.simd_width)
          : fmt::format("ways: {} of {} for {} input channels", s.ways, accelerator.simd_width,
                        layer.reduction_channels()),
      ratio(std::int64_t{layer.taps()} * layer.reduction_channels(),
            steps * accelerator.simd_width));
  const StepLimits step = step_limits(layer, accelerator, s);
  std::string limit = "weights and activations keep up";
  if (step.cycles > 1) {
    limit = step.cycles == step.weight_cycles
                ? fmt::format("{:g} weight bytes wanted, {:g} read a cycle", step.weight_bytes,
                              step.weight_bytes / step.weight_cycles)
                : fmt::format("{:g} activations wanted, {:g} arrive a cycle", step.activation_bytes,
                              step.activation_bytes / step.activation_cycles);
  }
  add(fmt::format("step: {:g} cycles; {}", step.cycles, limit), 1 / step.cycles);
  const double stepping = static_cast<double>(steps) * step.cycles;
  add(fmt::format("drain: {} cycles after {:g} of stepping", accelerator.drain_cycles, stepping),
      stepping / (stepping + accelerator.drain_cycles));
  return factors;
}

std::vector<MappingExplanation> explain_mapping(const Network& network,
                                                const AcceleratorConfig& accelerator,
                                                const std::string& layer, int effort,
                                                std::optional<Infeasible>& infeasible) {
  std::vector<std::string> names;
  for (const Layer& l : network.layers()) names.push_back(l.name);
  if (!layer.empty() && std::find(names.begin(), names.end(), layer) == names.end()) {
    throw InputError(unknown_name("layer of " + network.name(), layer, names));
  }
  Planner planner({effort, true});
  Program program;
  infeasible = planner.plan(network, accelerator, program);
  std::vector<MappingExplanation> explanations;
  if (infeasible) return explanations;
  Mapper mapper(effort);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!layer.empty() && names[i] != layer) continue;
    MappingExplanation e;
    e.layer = names[i];
    e.geometry = planner.geometry(i);
    e.context = planner.contexts()[i];
    e.rivals = mapper.rivals(e.geometry, accelerator, e.context);
    e.factors = utilization_factors(e.geometry, accelerator, e.rivals.front().mapping);
    explanations.push_back(std::move(e));
  }
  return explanations;
}

std::string explanation_text(const MappingExplanation& explanation,
                             const AcceleratorConfig& accelerator) {
  const LayerGeometry& g = explanation.geometry;
  const LayerContext& context = explanation.context;
  std::string text = fmt::format("{}: {}x{}x{} -> {}x{}x{}, {}x{} window, stride {}, {} MACs\n",
                                 explanation.layer, g.in_h, g.in_w, g.in_c, g.out_h, g.out_w,
                                 g.out_c, g.kernel_h, g.kernel_w, g.stride_h, g.macs);
  text +=
      fmt::format("  input {}, output {}, {} KiB of a PE's local memory left for tiles\n\n",
                  where(context.inputs[0]), context.output_on_chip ? "stays on chip" : "to DRAM",
                  kib(context.available_bytes));
  Table table({{"mapping", Table::Align::kLeft},
               {"predicted"},
               {"compute"},
               {"memory (KiB)"},
               {"why", Table::Align::kLeft}});
  for (const TriedMapping& rival : explanation.rivals) {
    table.add_row({rival.mapping.str(),
                   rival.fits ? std::to_string(rival.mapping.predicted_cycles) : "-",
                   std::to_string(rival.compute_cycles), kib(rival.mapping.buffer_bytes),
                   verdict(rival, explanation.rivals.front(), context)});
  }
  text += table.str();
  if (explanation.factors.empty()) return text;
  text += "\n  Utilisation while computing\n";
  double left = 1;
  for (const UtilizationFactor& factor : explanation.factors) {
    left *= factor.share;
    text += fmt::format("  {:5.1f} %  x {:5.3f}  {}\n", 100 * left, factor.share, factor.what);
  }
  text += fmt::format("  of {:g} MACs a cycle\n", accelerator.peak_macs_per_cycle());
  return text;
}

}  // namespace dovetail
