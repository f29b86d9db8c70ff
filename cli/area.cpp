#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/atomic_file.h"
#include "base/paths.h"
#include "base/table.h"
#include "base/version.h"
#include "cli/commands.h"
#include "sim/cost/area_model.h"

namespace dovetail {
namespace {

struct Arguments {
  std::string accelerator, technology = "16nm", json;
};

void print_area(const Arguments& arguments) {
  const AcceleratorConfig accelerator =
      AcceleratorConfig::load(resolve_config("accelerators", arguments.accelerator));
  const Technology technology =
      Technology::load(resolve_config("technology", arguments.technology));
  const AreaBreakdown area = area_of(accelerator, technology);
  if (!arguments.json.empty()) {
    nlohmann::ordered_json json;
    json["schema"] = "dovetail.area/1";
    json["build"] = build_description();
    json["accelerator"] = accelerator.name;
    json["technology"] = technology.name;
    for (const AreaComponent& c : area_components()) {
      json["components_mm2"][c.name] = area.*c.mm2;
    }
    json["area_mm2"] = area.total();
    write_file_atomically(arguments.json, json.dump(2) + "\n");
  }
  if (quiet()) return;
  Table table({{"component", Table::Align::kLeft}, {"mm2"}, {"%"}});
  for (const AreaComponent& c : area_components()) {
    table.add_row({c.name, fmt::format("{:.3f}", area.*c.mm2),
                   fmt::format("{:.1f}", 100 * area.*c.mm2 / area.total())});
  }
  table.add_rule();
  table.add_row({"total", fmt::format("{:.3f}", area.total()), "100.0"});
  fmt::print("{} at {}\n\n{}", accelerator.name, technology.name, table.str());
}

}  // namespace

void add_area_command(CLI::App& app) {
  auto* command = app.add_subcommand("area", "Area of an accelerator by component");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-a,--accelerator", arguments->accelerator, "Accelerator name or YAML")
      ->required();
  command->add_option("--technology", arguments->technology, "Technology name or YAML")
      ->capture_default_str();
  command->add_option("--json", arguments->json, "Write the breakdown as JSON to this file");
  command->callback([arguments] { print_area(*arguments); });
}

}  // namespace dovetail
