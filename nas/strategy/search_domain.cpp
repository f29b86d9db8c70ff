#include "nas/strategy/search_domain.h"

namespace dovetail {

std::vector<bool> SearchDomain::active(const Choices& choices) const {
  return std::vector<bool>(choices.size(), true);
}

std::optional<double> SearchDomain::predicted_violation(const Choices&) const {
  return std::nullopt;
}

Choices SearchDomain::candidate(const Choices& choices) const {
  return choices;
}

std::optional<std::uint64_t> SearchDomain::count() const {
  return decisions().count();
}

Choices SearchDomain::point(std::uint64_t index) const {
  return decisions().from_index(index);
}

Choices SearchDomain::sample(Rng& rng) const {
  return decisions().sample(rng);
}

std::vector<Choices> SearchDomain::neighbours(const Choices& choices) const {
  return decisions().neighbours(choices);
}

Choices SearchDomain::canonical(const Choices& choices) const {
  Choices result = candidate(choices);
  const std::vector<bool> is_active = active(result);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!is_active[i]) result[i] = 0;
  }
  return result;
}

double SearchDomain::cardinality() const {
  const std::optional<std::uint64_t> known = count();
  return known ? static_cast<double>(*known) : decisions().cardinality();
}

std::vector<bool> WrappedDomain::active(const Choices& choices) const {
  return wrapped_.active(choices);
}

std::optional<double> WrappedDomain::predicted_violation(const Choices& choices) const {
  return wrapped_.predicted_violation(choices);
}

Choices WrappedDomain::candidate(const Choices& choices) const {
  return wrapped_.candidate(choices);
}

std::vector<Choices> WrappedDomain::neighbours(const Choices& choices) const {
  return wrapped_.neighbours(choices);
}

}  // namespace dovetail
