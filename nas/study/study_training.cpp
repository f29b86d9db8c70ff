#include "nas/study/study_training.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text/error.h"
#include "base/text/text.h"
#include "models/accuracy/train/train_kind.h"
#include "models/network/space/training_decisions.h"

namespace dovetail {
namespace {

/// Those that train, or are told what somebody trained.
const std::array<std::string, 3> kSourcesThatTrain{"train", "command", "told"};

/// Whether all that holds the constraints has the same of this term: nothing is won below its
/// target, and a limit keeps to it.
bool has_no_say(const RewardTerm& term, const Objective& objective) {
  return std::ranges::any_of(objective.constraints, [&](const Constraint& constraint) {
    if (constraint.metric != term.metric) return false;
    const auto value = [&](double share_of_limit) {
      return term.kind->value(share_of_limit * constraint.limit / term.target, term.weight);
    };
    // Two, since a kind that falls on both sides of its target may have one value twice.
    return value(0.5) == value(1) && value(0.25) == value(1);
  });
}

}  // namespace

void require_training_decisions_used(const StudyConfig& config, const NetworkSide& networks) {
  if (!networks.space) return;
  const DecisionSpace& decisions = networks.space->decisions();
  const std::vector<std::size_t> about_training = training_decisions(decisions);
  const std::string& source = config.accuracy.source;
  if (about_training.empty() || std::ranges::count(kSourcesThatTrain, source) > 0) return;
  throw InputError(fmt::format(
      "network.space: decision '{}' says how networks are trained, and accuracy source '{}' trains "
      "none by it; allowed with it are {}",
      decisions[about_training.front()].name, source, join(kSourcesThatTrain)));
}

std::string key_of_giving_up(const StudyConfig& config) {
  const TrainSettings* settings = train_settings(*config.accuracy.settings);
  return settings != nullptr ? key_of_giving_up(*settings) : "";
}

void require_curves_decide(const StudyConfig& config, const Objective& objective) {
  const std::string key = key_of_giving_up(config);
  if (key.empty()) return;
  const auto refuse = [&](const std::string& why) {
    throw InputError("accuracy." + key +
                     ": a network below the best accuracy may be wanted here: " + why);
  };
  for (const Figure* metric : objective.pareto) {
    if (metric->key == "top1_percent") continue;
    refuse("objective.pareto has " + metric->key + ", allowed is [top1_percent]");
  }
  if (!objective.reward) return;
  for (const RewardTerm& term : objective.reward->terms) {
    if (has_no_say(term, objective)) continue;
    refuse("the reward has a term of " + term.metric->key +
           ", allowed is one that nothing gains by within a constraint on it, as one_sided with "
           "that limit as its target");
  }
}

}  // namespace dovetail
