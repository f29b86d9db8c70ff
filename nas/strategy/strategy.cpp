#include "nas/strategy/strategy.h"

namespace dovetail {

std::vector<bool> SearchDomain::active(const Choices& choices) const {
  return std::vector<bool>(choices.size(), true);
}

std::optional<double> SearchDomain::predicted_violation(const Choices&) const {
  return std::nullopt;
}

Choices SearchDomain::canonical(const Choices& choices) const {
  const std::vector<bool> is_active = active(choices);
  Choices result = choices;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!is_active[i]) result[i] = 0;
  }
  return result;
}

void Strategy::start_from(std::span<const Choices>, std::span<const Outcome>) {}

}  // namespace dovetail
