#include "nas/space/search_space.h"

#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

DecisionSpace prefixed(const std::string& prefix, const DecisionSpace& space) {
  std::vector<Decision> decisions = space.decisions();
  for (Decision& decision : decisions) decision.name.insert(0, prefix);
  return DecisionSpace(std::move(decisions));
}

}  // namespace

std::string to_string(Scope scope) {
  switch (scope) {
    case Scope::kJoint:
      return "joint";
    case Scope::kNetwork:
      return "network";
    case Scope::kHardware:
      return "hardware";
  }
  return "unknown";
}

SearchSpace::SearchSpace(NetworkSide network, HardwareSide hardware, Scope scope)
    : network_(std::move(network)), hardware_(std::move(hardware)), scope_(scope) {
  if (searches_network()) {
    if (!network_.space) {
      throw InputError("scope '" + to_string(scope_) + "' needs a network space to search");
    }
    decisions_ = prefixed("net.", network_.space->decisions());
  } else if (network_.space && !network_.fixed) {
    throw InputError("scope 'hardware' needs a fixed network");
  }
  if (searches_hardware()) {
    if (!hardware_.space) {
      throw InputError("scope '" + to_string(scope_) + "' needs a hardware space to search");
    }
    decisions_ = decisions_.joined(prefixed("hw.", hardware_.space->decisions()));
  }
}

std::size_t SearchSpace::network_decisions() const {
  return searches_network() ? network_.space->decisions().size() : 0;
}

Choices SearchSpace::network_part(const Choices& choices) const {
  if (searches_network()) {
    return {choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(network_decisions())};
  }
  return network_.fixed.value_or(Choices{});
}

std::vector<bool> SearchSpace::active(const Choices& choices) const {
  std::vector<bool> active;
  if (searches_network()) active = network_.space->active(network_part(choices));
  active.resize(choices.size(), true);
  return active;
}

Candidate SearchSpace::decode(const Choices& choices) const {
  decisions_.validate(choices);
  Candidate candidate;
  if (network_.space) candidate.network = network_.space->canonical(network_part(choices));
  if (searches_hardware()) {
    candidate.hardware.assign(choices.begin() + static_cast<std::ptrdiff_t>(network_decisions()),
                              choices.end());
    candidate.accelerator = hardware_.space->decode(candidate.hardware);
  } else {
    candidate.hardware = hardware_.baseline_choices.value_or(Choices{});
    candidate.accelerator = hardware_.baseline;
  }
  return candidate;
}

Choices SearchSpace::encode(const Candidate& candidate) const {
  Choices choices;
  if (searches_network()) choices = candidate.network;
  if (searches_hardware()) {
    choices.insert(choices.end(), candidate.hardware.begin(), candidate.hardware.end());
  }
  decisions_.validate(choices);
  return canonical(choices);
}

Network SearchSpace::build_network(const Choices& choices) const {
  return network_.space ? network_.space->build(network_part(choices)) : *network_.network;
}

}  // namespace dovetail
