#include "nas/space/search_space.h"

#include <limits>
#include <utility>

#include "base/text/error.h"

namespace dovetail {
namespace {

DecisionSpace prefixed(const std::string& prefix, const DecisionSpace& space) {
  std::vector<Decision> decisions = space.decisions();
  for (Decision& decision : decisions) decision.name.insert(0, prefix);
  return DecisionSpace(std::move(decisions));
}

Choices joined(Choices network, const Choices& hardware) {
  network.insert(network.end(), hardware.begin(), hardware.end());
  return network;
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

const NetworkPoints* SearchSpace::points() const {
  return searches_network() ? network_.points.get() : nullptr;
}

Choices SearchSpace::candidate(const Choices& choices) const {
  if (points() == nullptr) return choices;
  return joined(points()->nearest(network_.space->canonical(network_part(choices))),
                hardware_part(choices));
}

std::optional<std::uint64_t> SearchSpace::hardware_count() const {
  return searches_hardware() ? hardware_.space->decisions().count() : 1;
}

std::optional<std::uint64_t> SearchSpace::count() const {
  if (points() == nullptr) return decisions_.count();
  const std::optional<std::uint64_t> accelerators = hardware_count();
  const std::uint64_t networks = points()->size();
  if (!accelerators || *accelerators > std::numeric_limits<std::uint64_t>::max() / networks) {
    return std::nullopt;
  }
  return networks * *accelerators;
}

Choices SearchSpace::point(std::uint64_t index) const {
  if (points() == nullptr) return decisions_.from_index(index);
  const std::uint64_t accelerators = hardware_count().value();
  const Choices& network = (*points())[index / accelerators];
  if (!searches_hardware()) return network;
  return joined(network, hardware_.space->decisions().from_index(index % accelerators));
}

Choices SearchSpace::sample(Rng& rng) const {
  if (points() == nullptr) return decisions_.sample(rng);
  const Choices& network = (*points())[rng.index(points()->size())];
  return searches_hardware() ? joined(network, hardware_.space->decisions().sample(rng)) : network;
}

std::vector<Choices> SearchSpace::neighbours(const Choices& choices) const {
  if (points() == nullptr) return decisions_.neighbours(choices);
  const Choices network = network_.space->canonical(network_part(choices));
  const Choices hardware = hardware_part(choices);
  // As many as the space would have, were all of them networks to be asked for.
  const std::size_t near = network_.space->decisions().neighbours(network).size();
  std::vector<Choices> found;
  for (const Choices& other : points()->nearest_others(network, near)) {
    found.push_back(joined(other, hardware));
  }
  if (!searches_hardware()) return found;
  for (const Choices& other : hardware_.space->decisions().neighbours(hardware)) {
    found.push_back(joined(network, other));
  }
  return found;
}

void SearchSpace::require_candidate(const Choices& choices) const {
  if (points() != nullptr) points()->require(network_.space->canonical(network_part(choices)));
}

Choices SearchSpace::hardware_part(const Choices& choices) const {
  return {choices.begin() + static_cast<std::ptrdiff_t>(network_decisions()), choices.end()};
}

Candidate SearchSpace::decode(const Choices& choices) const {
  decisions_.validate(choices);
  const Choices its = candidate(choices);
  Candidate decoded;
  if (network_.space) decoded.network = network_.space->canonical(network_part(its));
  if (searches_hardware()) {
    decoded.hardware = hardware_part(its);
    decoded.accelerator = hardware_.space->decode(decoded.hardware);
  } else {
    decoded.hardware = hardware_.baseline_choices.value_or(Choices{});
    decoded.accelerator = hardware_.baseline;
  }
  return decoded;
}

Choices SearchSpace::encode(const Candidate& candidate) const {
  const Choices choices = joined(searches_network() ? candidate.network : Choices(),
                                 searches_hardware() ? candidate.hardware : Choices());
  decisions_.validate(choices);
  return canonical(choices);
}

Network SearchSpace::build_network(const Choices& choices) const {
  return network_.space ? network_.space->build(network_part(candidate(choices)))
                        : *network_.network;
}

}  // namespace dovetail
