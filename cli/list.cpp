#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/files/paths.h"
#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/table.h"
#include "base/text/text.h"
#include "cli/commands.h"
#include "hw_space/accelerator_config.h"
#include "hw_space/accelerator_name.h"
#include "hw_space/design_space.h"
#include "hw_space/parameter_table.h"
#include "models/accuracy/accuracy_sources.h"
#include "models/network/onnx/onnx_operators.h"
#include "models/network/space/network_space.h"
#include "models/network/zoo.h"
#include "nas/strategy/strategies.h"
#include "sim/mapping/mapping_candidates.h"
#include "sim/program/infeasible.h"
#include "sim/silicon/technology.h"

namespace dovetail {
namespace {

using Align = Table::Align;

/// What the user named, or all of configs/KIND.
using Names = std::vector<std::string>;

Names named_or_all(const Names& named, const std::string& kind) {
  return named.empty() ? list_configs(kind) : named;
}

bool is_hardware(const std::filesystem::path& file) {
  const YamlNode node = YamlNode::load(file);
  return node.map().required("schema").as_string().starts_with("dovetail.design_space");
}

/// The distinct texts of a column, in order, each with a number that stands in the table for it.
class Footnotes {
 public:
  std::string number_of(const std::string& text) {
    const auto found = std::find(texts_.begin(), texts_.end(), text);
    const auto number = std::to_string(found - texts_.begin() + 1);
    if (found == texts_.end()) texts_.push_back(text);
    return number;
  }
  /// Title and notes; nothing if there are none.
  std::string str(const std::string& title) const {
    if (texts_.empty()) return "";
    std::string lines = "\n" + title + "\n";
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      lines += fmt::format("{:>3}  {}\n", i + 1, texts_[i]);
    }
    return lines;
  }

 private:
  std::vector<std::string> texts_;
};

std::string resolution(const Network& network) {
  return fmt::format("{}x{}", network.input().height, network.input().width);
}

void list_networks(const Names& named) {
  Table table({{"name", Align::kLeft},
               {"resolution"},
               {"layers"},
               {"MACs (M)"},
               {"parameters (M)"},
               {"top-1 (%)"},
               {"source"}});
  Table aliases({{"short name", Align::kLeft}, {"of", Align::kLeft}});
  Footnotes sources;
  const auto add = [&](const Network& network) {
    const PublishedFigures& published = network.published;
    table.add_row({network.name(), resolution(network), std::to_string(network.layers().size()),
                   fmt::format("{:.1f}", static_cast<double>(network.macs()) / 1e6),
                   fmt::format("{:.2f}", static_cast<double>(network.parameters()) / 1e6),
                   published.top1_percent ? fmt::format("{:.1f}", *published.top1_percent) : "-",
                   published.source.empty() ? "-" : sources.number_of(published.source)});
  };
  for (const std::string& name : named) add(find_network(name));
  if (named.empty()) {
    for (const ZooEntry& entry : list_zoo()) {
      add(load_network(entry.file));
      if (!entry.aliases.empty()) aliases.add_row({join(entry.aliases), entry.name});
    }
  }
  fmt::print("{}{}", table.str(), sources.str("Sources of the published ImageNet top-1"));
  if (named.empty()) fmt::print("\n{}", aliases.str());
}

std::string tops_text(double macs_per_cycle, const AcceleratorConfig& accelerator) {
  return fmt::format("{:.3g}", 2 * macs_per_cycle * accelerator.clock_ghz / 1000);
}

void list_accelerators(const Names& named) {
  Table table({{"name", Align::kLeft},
               {"PEs"},
               {"lanes"},
               {"units"},
               {"register file (KiB)"},
               {"local memory (MiB)"},
               {"IO (GB/s)"},
               {"clock (GHz)"},
               {"peak (TOPS)"},
               {"attainable (TOPS)"},
               {"of peak (%)"},
               {"weights", Align::kLeft}});
  for (const std::string& name : named_or_all(named, "accelerators")) {
    const AcceleratorConfig a = find_accelerator(name);
    const double attainable = attainable_macs_per_cycle(a);
    table.add_row({name, fmt::format("{}x{}", a.pes_x, a.pes_y), std::to_string(a.compute_lanes),
                   std::to_string(a.simd_units), fmt::format("{:g}", a.register_file_kib),
                   fmt::format("{:g}", a.local_memory_mib),
                   fmt::format("{:g}", a.io_bandwidth_gbps), fmt::format("{:g}", a.clock_ghz),
                   tops_text(a.peak_macs_per_cycle(), a), tops_text(attainable, a),
                   fmt::format("{:.0f}", 100 * attainable / a.peak_macs_per_cycle()),
                   to_string(a.weights)});
  }
  fmt::print(
      "{}\nAttainable: by a dense int8 layer of ideal size; what register files and local "
      "memories\n"
      "feed the units a cycle is the limit where it is below the peak.\n",
      table.str());
}

/// "1.18e+15", or all digits of a number that is short.
std::string count_text(double count) {
  return count < 1e6 ? fmt::format("{:.0f}", count) : fmt::format("{:.3g}", count);
}

void list_spaces(const Names& named) {
  Table table({{"name", Align::kLeft},
               {"of", Align::kLeft},
               {"decisions"},
               {"points"},
               {"distinct points"}});
  for (const std::string& name : named_or_all(named, "spaces")) {
    const auto file = resolve_config("spaces", name);
    if (is_hardware(file)) {
      const DesignSpace space = DesignSpace::load(file);
      const DecisionSpace& decisions = space.decisions();
      const std::string points = count_text(decisions.cardinality());
      table.add_row({name, "accelerators", std::to_string(decisions.size()), points, points});
    } else {
      const NetworkSpace space = NetworkSpace::load(file);
      const DecisionSpace& decisions = space.decisions();
      const auto distinct = space.canonical_points();
      table.add_row({name, "networks", std::to_string(decisions.size()),
                     count_text(decisions.cardinality()), distinct ? count_text(*distinct) : "-"});
    }
  }
  fmt::print("{}\nDistinct points differ in a decision that has an effect.\n", table.str());
}

void list_strategies() {
  Table table({{"name", Align::kLeft}, {"what it does", Align::kLeft}});
  for (const StrategyInfo& info : strategies()) table.add_row({info.name, info.description});
  fmt::print("{}", table.str());
}

void list_accuracy_sources() {
  Table table({{"name", Align::kLeft}, {"says", Align::kLeft}, {"keys", Align::kLeft}});
  for (const AccuracySourceKind& kind : accuracy_source_kinds()) {
    table.add_row({kind.name, kind.description, kind.keys.empty() ? "-" : join(kind.keys)});
  }
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

void print_names(const Names& names) {
  for (const std::string& name : names) fmt::print("{}\n", name);
}

Names zoo_names() {
  Names names;
  for (const ZooEntry& entry : list_zoo()) {
    names.push_back(entry.name);
    names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return names;
}

Names reason_names() {
  Names names;
  for (const InfeasibleReason reason : reasons_said_by({ReasonSource::kMapper})) {
    if (reason != InfeasibleReason::kNone) names.push_back(to_string(reason));
  }
  return names;
}

Names parameter_keys() {
  Names keys;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    keys.push_back(parameter.key);
  }
  return keys;
}

/// The names of rows that have one each.
template <typename Rows>
Names names_of(const Rows& rows) {
  Names names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

struct Listing {
  std::string name;
  std::function<void(const Names&)> list;
  std::function<Names()> names;
  bool takes_names = false;
};

const std::vector<Listing>& kinds() {
  static const std::vector<Listing> table = {
      {"networks", list_networks, zoo_names, true},
      {"accelerators", list_accelerators, [] { return list_configs("accelerators"); }, true},
      {"spaces", list_spaces, [] { return list_configs("spaces"); }, true},
      {"parameters", [](const Names&) { fmt::print("{}", parameter_table().str()); },
       parameter_keys},
      {"strategies", [](const Names&) { list_strategies(); },
       [] { return names_of(strategies()); }},
      {"accuracy-sources", [](const Names&) { list_accuracy_sources(); },
       [] { return names_of(accuracy_source_kinds()); }},
      {"technologies", [](const Names&) { list_technologies(); },
       [] { return list_configs("technology"); }},
      {"studies", [](const Names&) { print_names(list_configs("studies")); },
       [] { return list_configs("studies"); }},
      {"infeasible-reasons", [](const Names&) { print_names(reason_names()); }, reason_names},
      {"onnx-operators", [](const Names&) { list_onnx_operators(); },
       [] { return names_of(onnx_operators()); }},
  };
  return table;
}

void list(const std::string& what, const Names& named, bool only_names) {
  Names known, with_names;
  for (const Listing& kind : kinds()) {
    known.push_back(kind.name);
    if (kind.takes_names) with_names.push_back(kind.name);
  }
  const auto kind = std::ranges::find(kinds(), what, &Listing::name);
  if (kind == kinds().end()) throw InputError(unknown_name("kind", what, known));
  if (!named.empty() && !kind->takes_names) {
    throw InputError(
        fmt::format("list {}: found '{}'; names may follow {}", what, named[0], join(with_names)));
  }
  if (only_names && !named.empty()) {
    throw InputError(fmt::format("list {}: --names lists all, found '{}' too", what, named[0]));
  }
  only_names ? print_names(kind->names()) : kind->list(named);
}

}  // namespace

void add_list_command(CLI::App& app) {
  std::vector<std::string> names;
  for (const Listing& kind : kinds()) names.push_back(kind.name);
  auto* command = app.add_subcommand("list", "What there is: " + join(names));
  auto what = std::make_shared<std::string>();
  auto named = std::make_shared<Names>();
  command->add_option("kind", *what, "One of: " + join(names))->required();
  command->add_option("name", *named,
                      "Only these networks, accelerators or spaces: names or files; default: all "
                      "of configs/");
  auto only_names = std::make_shared<bool>(false);
  command->add_flag("--names", *only_names, "The names alone, one a line");
  command->footer("dovetail list networks mobilenet_v2 my_network.onnx");
  command->callback([what, named, only_names] { list(*what, *named, *only_names); });
}

}  // namespace dovetail
