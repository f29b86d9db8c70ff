#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/files/paths.h"
#include "base/text/table.h"
#include "base/text/version.h"
#include "cli/commands.h"
#include "cli/written_text.h"
#include "hw_space/accelerator_name.h"
#include "sim/silicon/area_model.h"
#include "sim/silicon/energy_model.h"

namespace dovetail {
namespace {

struct AreaArguments {
  std::string accelerator, technology = "16nm", json;
};

std::string area_json(const AcceleratorConfig& accelerator, const Technology& technology) {
  const ComponentBreakdown area = area_of(accelerator, technology);
  const ComponentBreakdown leakage = leakage_of(accelerator, technology);
  nlohmann::ordered_json json;
  json["schema"] = "dovetail.area/2";
  json["build"] = build_description();
  json["accelerator"] = accelerator.name;
  json["technology"] = technology.name;
  json["area_mm2"] = area.total();
  for (const HardwareComponent& c : hardware_components()) {
    json["components_mm2"][c.name] = area.*c.value;
  }
  json["temperature_c"] = technology.temperature_c;
  json["leakage_mw"] = leakage.total();
  for (const HardwareComponent& c : hardware_components()) {
    json["components_leakage_mw"][c.name] = leakage.*c.value;
  }
  json["io_phy_mm2"] = io_phy_mm2(accelerator, technology);
  const EnergyModel energy(accelerator, technology);
  json["dram_background_mw"] = energy.dram_background_mw();
  for (const EventEnergy& event : energy.events()) json["events_pj"][event.name] = event.pj;
  return json.dump(2) + "\n";
}

void print_area(const AreaArguments& arguments) {
  const AcceleratorConfig accelerator = find_accelerator(arguments.accelerator);
  const Technology technology =
      Technology::load(resolve_config("technology", arguments.technology));
  write_text(arguments.json, [&] { return area_json(accelerator, technology); });
  if (quiet()) return;
  const ComponentBreakdown area = area_of(accelerator, technology);
  const ComponentBreakdown leakage = leakage_of(accelerator, technology);
  Table table({{"component", Table::Align::kLeft}, {"mm2"}, {"%"}, {"leakage mW"}, {"%"}});
  const auto add = [&](const char* name, double mm2, double mw) {
    table.add_row({name, fmt::format("{:.3f}", mm2),
                   fmt::format("{:.1f}", 100 * mm2 / area.total()), fmt::format("{:.2f}", mw),
                   fmt::format("{:.1f}", 100 * mw / leakage.total())});
  };
  for (const HardwareComponent& c : hardware_components()) {
    if (area.*c.value > 0) add(c.name, area.*c.value, leakage.*c.value);
  }
  table.add_rule();
  add("total", area.total(), leakage.total());
  fmt::print("{} at {}, leakage at {:g} C\n\n{}\n", accelerator.name, technology.name,
             technology.temperature_c, table.str());
  if (accelerator.io_phy_area == IoPhyArea::kExcluded) {
    fmt::print("Not included: pads and transceivers of the IO port, {:.1f} mm2\n",
               io_phy_mm2(accelerator, technology));
  }
  fmt::print("Memory outside: {:.1f} mW of background power while an inference runs\n",
             EnergyModel(accelerator, technology).dram_background_mw());
}

}  // namespace

void add_area_command(CLI::App& app) {
  auto* command = app.add_subcommand("area", "Area and leakage of an accelerator by component");
  auto arguments = std::make_shared<AreaArguments>();
  command
      ->add_option(
          "-a,--accelerator", arguments->accelerator,
          "Accelerator name or YAML, or a point of a space: nahas_edge-3778, nahas_edge:pes_x=8")
      ->required();
  command->add_option("--technology", arguments->technology, "Technology name or YAML")
      ->capture_default_str();
  command->add_option("--json", arguments->json,
                      "Write it, and the energy of each kind of event, as JSON to this file");
  command->callback([arguments] { print_area(*arguments); });
}

}  // namespace dovetail
