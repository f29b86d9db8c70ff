#include "sim/explanation/neighbours.h"

#include <algorithm>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

const AcceleratorParameter& find_parameter(const std::string& key) {
  std::vector<std::string> known;
  for (const AcceleratorParameter& parameter : accelerator_parameters()) {
    if (parameter.key == key) return parameter;
    known.push_back(parameter.key);
  }
  throw InputError(unknown_name("parameter", key, known));
}

/// The values of a decision that are one step away, each with its direction.
std::vector<std::pair<double, std::string>> steps(const AcceleratorParameter& parameter,
                                                  const Decision& decision, double value) {
  std::vector<std::pair<double, std::string>> found;
  if (!decision.ordered()) {
    for (const std::string& choice : decision.choices) {
      const auto at = std::find(parameter.names.begin(), parameter.names.end(), choice);
      const auto other = static_cast<double>(at - parameter.names.begin());
      if (other != value) found.emplace_back(other, "other");
    }
    return found;
  }
  const std::vector<double>& values = decision.values;  // they ascend
  const auto below = std::lower_bound(values.begin(), values.end(), value);
  const auto above = std::upper_bound(values.begin(), values.end(), value);
  if (below != values.begin()) found.emplace_back(*(below - 1), "down");
  if (above != values.end()) found.emplace_back(*above, "up");
  return found;
}

}  // namespace

std::vector<Neighbour> neighbours_of(const AcceleratorConfig& accelerator,
                                     const DecisionSpace& decisions) {
  std::vector<Neighbour> neighbours;
  for (const Decision& decision : decisions.decisions()) {
    const AcceleratorParameter& parameter = find_parameter(decision.name);
    for (const auto& [value, direction] : steps(parameter, decision, parameter.get(accelerator))) {
      Neighbour neighbour{parameter.key,
                          parameter.is_choice() ? "" : parameter.unit,
                          parameter.text_in(accelerator),
                          parameter.text_of(value),
                          direction,
                          accelerator,
                          {}};
      parameter.set(neighbour.accelerator, value);
      neighbours.push_back(std::move(neighbour));
    }
  }
  return neighbours;
}

void simulate_neighbours(const Network& network, Simulator& simulator,
                         std::vector<Neighbour>& neighbours) {
  for (Neighbour& neighbour : neighbours) {
    neighbour.result = simulator.run(network, neighbour.accelerator);
  }
}

std::optional<double> change_percent(double from, double to) {
  if (from <= 0 || to <= 0) return std::nullopt;
  return 100 * (to / from - 1);
}

}  // namespace dovetail
