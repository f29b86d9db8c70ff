#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/paths.h"
#include "base/table.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/commands.h"
#include "hw_space/design_space.h"
#include "models/network/network_space.h"
#include "models/network/onnx/onnx.h"
#include "models/network/zoo.h"
#include "nas/strategy/strategies.h"
#include "sim/cost/technology.h"
#include "sim/infeasible.h"

namespace dovetail {
namespace {

using Align = Table::Align;

std::string schema_of(const std::string& kind, const std::string& name) {
  const YamlNode node = YamlNode::load(resolve_config(kind, name));
  return node.map().required("schema").as_string();
}

void list_networks() {
  Table table({{"name", Align::kLeft},
               {"aliases", Align::kLeft},
               {"input"},
               {"layers"},
               {"MACs (M)"},
               {"parameters (M)"},
               {"published top-1 (%)"},
               {"source", Align::kLeft}});
  for (const ZooEntry& entry : list_zoo()) {
    const Network network = load_network(entry.file);
    const auto& top1 = network.published.top1_percent;
    table.add_row({entry.name, join(entry.aliases),
                   fmt::format("{}x{}", network.input().height, network.input().width),
                   std::to_string(network.layers().size()),
                   fmt::format("{:.1f}", static_cast<double>(network.macs()) / 1e6),
                   fmt::format("{:.2f}", static_cast<double>(network.parameters()) / 1e6),
                   top1 ? fmt::format("{:.1f}", *top1) : "-", network.published.source});
  }
  fmt::print("{}", table.str());
}

void list_accelerators() {
  Table table({{"name", Align::kLeft},
               {"PEs"},
               {"lanes"},
               {"units"},
               {"register file (KiB)"},
               {"local memory (MiB)"},
               {"IO (GB/s)"},
               {"clock (GHz)"},
               {"peak (TOPS)"},
               {"weights", Align::kLeft}});
  for (const std::string& name : list_configs("accelerators")) {
    const auto a = AcceleratorConfig::load(resolve_config("accelerators", name));
    table.add_row({name, fmt::format("{}x{}", a.pes_x, a.pes_y), std::to_string(a.compute_lanes),
                   std::to_string(a.simd_units), fmt::format("{:g}", a.register_file_kib),
                   fmt::format("{:g}", a.local_memory_mib),
                   fmt::format("{:g}", a.io_bandwidth_gbps), fmt::format("{:g}", a.clock_ghz),
                   fmt::format("{:.1f}", 2 * a.peak_macs_per_cycle() * a.clock_ghz / 1000),
                   to_string(a.weights)});
  }
  fmt::print("{}", table.str());
}

void list_spaces() {
  Table table({{"name", Align::kLeft}, {"of", Align::kLeft}, {"decisions"}, {"points"}});
  for (const std::string& name : list_configs("spaces")) {
    const auto file = resolve_config("spaces", name);
    const bool hardware = schema_of("spaces", name).starts_with("dovetail.design_space");
    const DecisionSpace decisions =
        hardware ? DesignSpace::load(file).decisions() : NetworkSpace::load(file).decisions();
    table.add_row({name, hardware ? "accelerators" : "networks", std::to_string(decisions.size()),
                   fmt::format("{:.3g}", decisions.cardinality())});
  }
  fmt::print("{}", table.str());
}

void list_strategies() {
  Table table({{"name", Align::kLeft}, {"what it does", Align::kLeft}});
  for (const StrategyInfo& info : strategies()) table.add_row({info.name, info.description});
  fmt::print("{}", table.str());
}

void list_technologies() {
  Table table({{"name", Align::kLeft}, {"node (nm)"}, {"MAC (um2)"}, {"bit cells (mm2/MiB)"}});
  for (const std::string& name : list_configs("technology")) {
    const Technology t = Technology::load(resolve_config("technology", name));
    table.add_row({name, fmt::format("{:g}", t.node_nm), fmt::format("{:.0f}", t.mac_mm2 * 1e6),
                   fmt::format("{:.2f}", t.sram_bit_cell_mm2_per_mib)});
  }
  fmt::print("{}", table.str());
}

void list_onnx_operators() {
  Table table({{"operator", Align::kLeft}, {"becomes", Align::kLeft}});
  for (const OnnxOperator& row : onnx_operators()) table.add_row({row.name, row.becomes});
  fmt::print("{}", table.str());
}

void list_reasons() {
  for (const InfeasibleReason reason : all_infeasible_reasons()) {
    if (reason != InfeasibleReason::kNone) fmt::print("{}\n", to_string(reason));
  }
}

void list_names(const std::string& kind) {
  for (const std::string& name : list_configs(kind)) fmt::print("{}\n", name);
}

struct Kind {
  std::string name;
  std::function<void()> list;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> table = {
      {"networks", list_networks},
      {"accelerators", list_accelerators},
      {"spaces", list_spaces},
      {"strategies", list_strategies},
      {"technologies", list_technologies},
      {"studies", [] { list_names("studies"); }},
      {"infeasible-reasons", list_reasons},
      {"onnx-operators", list_onnx_operators},
  };
  return table;
}

}  // namespace

void add_list_command(CLI::App& app) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  auto* command = app.add_subcommand("list", "What there is: " + join(names));
  auto what = std::make_shared<std::string>();
  command->add_option("kind", *what, "One of: " + join(names))->required();
  command->callback([what, names] {
    for (const Kind& kind : kinds()) {
      if (kind.name == *what) return kind.list();
    }
    throw InputError(unknown_name("kind", *what, names));
  });
}

}  // namespace dovetail
