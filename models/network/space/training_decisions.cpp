#include "models/network/space/training_decisions.h"

#include "base/text/text.h"

namespace dovetail {

bool is_training_decision(const Decision& decision) {
  return decision.name.starts_with(kTrainingDecision);
}

std::vector<std::size_t> training_decisions(const DecisionSpace& space) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (is_training_decision(space[i])) positions.push_back(i);
  }
  return positions;
}

std::string training_key(const DecisionSpace& space, const Choices& choices) {
  std::vector<std::string> parts;
  for (const std::size_t i : training_decisions(space)) {
    parts.push_back(space[i].name + "=" + space[i].choices[choices[i]]);
  }
  return join(parts, " ");
}

}  // namespace dovetail
