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

SearchSpace::SearchSpace(NetworkSide network, HardwareSide hardware, Scope scope,
                         std::vector<DecisionLimit> limits)
    : network_(std::move(network)),
      hardware_(std::move(hardware)),
      scope_(scope),
      limits_(std::move(limits)) {
  if (searches_network()) {
    if (!network_.space) {
      throw InputError("scope '" + to_string(scope_) + "' needs a network space to search");
    }
    decisions_ = prefixed("net.", network_.space->decisions());
    networks_ = network_.points ? candidates_of_list(network_, limits_)
                                : candidates_within(network_.space->decisions(), "net.", limits_);
  } else if (network_.space && !network_.fixed) {
    throw InputError("scope 'hardware' needs a fixed network");
  }
  if (searches_hardware()) {
    if (!hardware_.space) {
      throw InputError("scope '" + to_string(scope_) + "' needs a hardware space to search");
    }
    decisions_ = decisions_.joined(prefixed("hw.", hardware_.space->decisions()));
    accelerators_ = candidates_within(hardware_.space->decisions(), "hw.", limits_);
  }
}

SearchSpace SearchSpace::phase(Scope scope, const std::optional<Candidate>& fixed) const {
  NetworkSide network = network_;
  HardwareSide hardware = hardware_;
  if (fixed) {
    network.fixed = fixed->network;
    hardware.baseline = fixed->accelerator;
    hardware.baseline_choices = fixed->hardware;
  }
  return {std::move(network), std::move(hardware), scope, limits_};
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

Choices SearchSpace::candidate(const Choices& choices) const {
  const bool some = (networks_ && networks_->some()) || (accelerators_ && accelerators_->some());
  if (!some) return choices;
  return joined(networks_ ? networks_->candidate(network_part(choices)) : Choices(),
                accelerators_ ? accelerators_->candidate(hardware_part(choices)) : Choices());
}

std::optional<std::uint64_t> SearchSpace::count() const {
  const std::optional<std::uint64_t> networks = networks_ ? networks_->count() : 1;
  const std::optional<std::uint64_t> accelerators = accelerators_ ? accelerators_->count() : 1;
  if (!networks || !accelerators ||
      *accelerators > std::numeric_limits<std::uint64_t>::max() / *networks) {
    return std::nullopt;
  }
  return *networks * *accelerators;
}

double SearchSpace::cardinality() const {
  return (networks_ ? networks_->cardinality() : 1) *
         (accelerators_ ? accelerators_->cardinality() : 1);
}

Choices SearchSpace::point(std::uint64_t index) const {
  const std::uint64_t accelerators = accelerators_ ? accelerators_->count().value() : 1;
  return joined(networks_ ? networks_->point(index / accelerators) : Choices(),
                accelerators_ ? accelerators_->point(index % accelerators) : Choices());
}

Choices SearchSpace::sample(Rng& rng) const {
  Choices network = networks_ ? networks_->sample(rng) : Choices();
  return joined(std::move(network), accelerators_ ? accelerators_->sample(rng) : Choices());
}

std::vector<Choices> SearchSpace::neighbours(const Choices& choices) const {
  const Choices network = networks_ ? network_part(choices) : Choices();
  const Choices hardware = hardware_part(choices);
  std::vector<Choices> found;
  if (networks_) {
    for (Choices& other : networks_->neighbours(network)) {
      found.push_back(joined(std::move(other), hardware));
    }
  }
  if (!accelerators_) return found;
  for (const Choices& other : accelerators_->neighbours(hardware)) {
    found.push_back(joined(network, other));
  }
  return found;
}

void SearchSpace::require_candidate(const Choices& choices) const {
  if (networks_) {
    const Choices network = network_.space->canonical(network_part(choices));
    networks_->require(network, network_.space->active(network));
  }
  if (accelerators_) {
    const Choices hardware = hardware_part(choices);
    accelerators_->require(hardware, std::vector<bool>(hardware.size(), true));
  }
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
