#include "nas/analysis/space_bounds.h"

#include <fmt/core.h>

#include <algorithm>

namespace dovetail {
namespace {

const AcceleratorParameter& parameter_of(const Decision& decision) {
  return *std::ranges::find(accelerator_parameters(), decision.name, &AcceleratorParameter::key);
}

}  // namespace

std::vector<ParameterAtBound> parameters_at_bound(const DesignSpace& space,
                                                  std::span<const Choices> accelerators) {
  std::vector<ParameterAtBound> found;
  if (accelerators.empty()) return found;
  for (std::size_t d = 0; d < space.decisions().size(); ++d) {
    const Decision& decision = space.decisions()[d];
    if (!decision.ordered() || decision.choices.size() < 2) continue;
    const std::size_t choice = accelerators.front()[d];
    const bool largest = choice == decision.choices.size() - 1;
    const bool agree = std::ranges::all_of(
        accelerators, [&](const Choices& choices) { return choices[d] == choice; });
    if (!agree || (choice != 0 && !largest)) continue;
    const AcceleratorParameter& parameter = parameter_of(decision);
    found.push_back(
        {d, largest, decision.values[choice] == (largest ? parameter.max : parameter.min)});
  }
  return found;
}

std::string bounds_text(const DesignSpace& space, std::span<const Choices> best,
                        const std::string& whose) {
  std::string text;
  for (const ParameterAtBound& bound : parameters_at_bound(space, best)) {
    const Decision& decision = space.decisions()[bound.decision];
    const std::string& choice = decision.choices[best.front()[bound.decision]];
    const std::string designs = best.size() == 1
                                    ? fmt::format("the one design of {} has", whose)
                                    : fmt::format("all {} designs of {} have", best.size(), whose);
    const std::string consequence =
        bound.nothing_beyond ? fmt::format("no {} one exists", bound.largest ? "larger" : "smaller")
                             : "the space ends where the optimum may not";
    text += fmt::format("{} the {} {} ({}{}{}): {}\n", designs,
                        bound.largest ? "largest" : "smallest", decision.name, choice,
                        decision.unit.empty() ? "" : " ", decision.unit, consequence);
  }
  return text;
}

}  // namespace dovetail
