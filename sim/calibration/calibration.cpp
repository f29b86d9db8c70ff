#include "sim/calibration/calibration.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/files/yaml.h"
#include "base/text/error.h"
#include "base/text/text.h"
#include "hw_space/accelerator_name.h"
#include "models/network/zoo.h"

namespace dovetail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "dovetail.calibration/1";
constexpr double kMaxCombinations = 100'000;
constexpr double kMaxPublished = 1e15;

const std::array<CalibrationQuantity, 2> kQuantities = {{
    {"cycles", "cycles", 0,
     [](const SimulationResult& r) { return static_cast<double>(r.cycles); }},
    {"latency_ms", "ms", 3, [](const SimulationResult& r) { return r.latency_ms; }},
}};

/// Runs `resolve`, whose errors then say where the name stands.
template <typename Resolve>
auto resolve_at(const YamlNode& node, const Resolve& resolve) {
  try {
    return resolve(node.as_string());
  } catch (const InputError& e) {
    throw node.error(e.what());
  }
}

double positive(const YamlNode& node) {
  const double value = node.as_double(0, kMaxPublished);
  if (value == 0) throw node.error("found 0, allowed a number above 0");
  return value;
}

const CalibrationQuantity* read_quantity(const YamlNode& node) {
  std::vector<std::string> names;
  names.reserve(kQuantities.size());
  for (const CalibrationQuantity& quantity : kQuantities) names.push_back(quantity.key);
  return &kQuantities[node.as_choice(names)];
}

CalibrationPoint read_point(const YamlNode& node) {
  YamlMap map = node.map();
  CalibrationPoint point;
  point.network = resolve_at(map.required("network"), find_network);
  point.published = positive(map.required("published"));
  map.finish();
  return point;
}

CalibrationGroup read_group(const YamlNode& node, const fs::path& folder) {
  YamlMap map = node.map();
  CalibrationGroup group;
  group.name = map.required("name").as_string();
  group.source = map.required("source").as_string();
  group.accelerator = resolve_at(map.required("accelerator"), [&](const std::string& name) {
    return find_accelerator(name, folder);
  });
  group.quantity = read_quantity(map.required("quantity"));
  group.tolerance = positive(map.required("tolerance"));
  if (const auto slope = map.optional("slope_per_gmac")) group.published_slope = positive(*slope);
  if (const auto host = map.optional("host_ms")) {
    group.host_ms = positive(*host);
    if (group.quantity->unit != "ms") throw host->error("is for quantity: latency_ms");
  }
  if (const auto fit = map.optional("fit")) group.fit = fit->as_bool();
  const YamlNode points = map.required("points");
  for (const YamlNode& point : points.items()) group.points.push_back(read_point(point));
  map.finish();
  const std::size_t needed = group.published_slope ? 2 : 1;
  if (group.points.size() < needed) {
    throw points.error(
        fmt::format("found {} points, allowed at least {}", group.points.size(), needed));
  }
  return group;
}

/// Which groups have one of the accelerators named.
std::vector<bool> read_applies(const YamlNode& node, const std::vector<CalibrationGroup>& groups) {
  std::vector<bool> applies(groups.size(), false);
  std::vector<std::string> known;
  known.reserve(groups.size());
  for (const CalibrationGroup& group : groups) known.push_back(group.accelerator.name);
  for (const YamlNode& item : node.items()) {
    const std::string name = item.as_string();
    for (std::size_t g = 0; g < groups.size(); ++g) applies[g] = applies[g] || known[g] == name;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw item.error(unknown_name("accelerator of this file", name, known));
    }
  }
  return applies;
}

CalibrationParameter read_parameter(const YamlNode& node,
                                    const std::vector<CalibrationGroup>& groups) {
  YamlMap map = node.map();
  CalibrationParameter parameter;
  parameter.parameter = &read_parameter_name(map.required("name"));
  const YamlNode values = map.required("values");
  for (const YamlNode& value : values.items()) {
    parameter.values.push_back(parameter.parameter->read(value));
    const auto& all = parameter.values;
    if (std::count(all.begin(), all.end(), all.back()) > 1) throw value.error("is given twice");
  }
  if (parameter.values.empty()) throw values.error("found no values, allowed at least 1");
  parameter.applies.assign(groups.size(), true);
  if (const auto accelerators = map.optional("accelerators")) {
    parameter.applies = read_applies(*accelerators, groups);
  }
  map.finish();
  return parameter;
}

template <typename Items, typename Name>
void require_new_name(const YamlNode& node, const Items& items, const Name& name_of) {
  const auto same = [&](const auto& item) { return name_of(item) == name_of(items.back()); };
  if (std::count_if(items.begin(), items.end(), same) > 1) {
    throw node.error(fmt::format("'{}' is given twice", name_of(items.back())));
  }
}

}  // namespace

Calibration Calibration::load(const fs::path& file) {
  Calibration calibration;
  YamlMap map = YamlNode::load(file).map();
  map.require_schema(kSchema);
  calibration.name = map.required("name").as_string();
  const YamlNode groups = map.required("groups");
  for (const YamlNode& node : groups.items()) {
    calibration.groups.push_back(read_group(node, file.parent_path()));
    require_new_name(node, calibration.groups, [](const CalibrationGroup& g) { return g.name; });
  }
  if (calibration.groups.empty()) throw groups.error("found no groups, allowed at least 1");
  double combinations = 1;
  if (const auto parameters = map.optional("parameters")) {
    for (const YamlNode& node : parameters->items()) {
      calibration.parameters.push_back(read_parameter(node, calibration.groups));
      require_new_name(node, calibration.parameters,
                       [](const CalibrationParameter& p) { return p.parameter->key; });
      combinations *= static_cast<double>(calibration.parameters.back().values.size());
    }
    if (combinations > kMaxCombinations) {
      throw parameters->error(fmt::format("found {} combinations of values, allowed {}",
                                          combinations, kMaxCombinations));
    }
  }
  map.finish();
  return calibration;
}

std::uint64_t Calibration::combinations() const {
  std::uint64_t count = 1;
  for (const CalibrationParameter& parameter : parameters) count *= parameter.values.size();
  return count;
}

std::vector<std::size_t> Calibration::combination(std::uint64_t index) const {
  std::vector<std::size_t> choice(parameters.size());
  for (std::size_t p = parameters.size(); p-- > 0;) {
    choice[p] = index % parameters[p].values.size();
    index /= parameters[p].values.size();
  }
  return choice;
}

AcceleratorConfig Calibration::configure(std::size_t group,
                                         const std::vector<std::size_t>& choice) const {
  AcceleratorConfig accelerator = groups[group].accelerator;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!parameters[p].applies[group]) continue;
    parameters[p].parameter->set(accelerator, parameters[p].values[choice[p]]);
  }
  return accelerator;
}

}  // namespace dovetail
