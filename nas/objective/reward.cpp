#include "nas/objective/reward.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

double nahas_hard(double ratio, double weight) {
  return ratio > 1 ? std::pow(ratio, weight) : 1;
}

double nahas_soft(double ratio, double weight) {
  return std::pow(ratio, weight);
}

double tunas_absolute(double ratio, double weight) {
  return weight * std::abs(ratio - 1);
}

double one_sided(double ratio, double weight) {
  return ratio > 1 ? weight * (ratio - 1) : 0;
}

double weighted_sum(double ratio, double weight) {
  return weight * ratio;
}

const std::array<RewardKind, 5> kRewardKinds{{
    {"nahas_hard", "accuracy times (cost / target)^weight where the target is missed", -1.0, true,
     nahas_hard},
    {"nahas_soft", "accuracy times (cost / target)^weight", -0.071, true, nahas_soft},
    {"tunas_absolute", "accuracy plus weight times |cost / target - 1|", -0.10, false,
     tunas_absolute},
    {"one_sided", "accuracy plus weight times the excess of cost over target", -0.10, false,
     one_sided},
    {"weighted_sum", "accuracy plus weight times cost / target", -0.10, false, weighted_sum},
}};

}  // namespace

std::span<const RewardKind> reward_kinds() {
  return kRewardKinds;
}

const RewardKind& find_reward_kind(const std::string& name) {
  std::vector<std::string> known;
  for (const RewardKind& kind : kRewardKinds) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw InputError(unknown_name("reward", name, known));
}

double Reward::operator()(const Evaluation& evaluation) const {
  const double accuracy = evaluation.accuracy.top1_percent;
  double value = std::isnan(accuracy) ? 1 : accuracy / 100;
  for (const bool multiplies : {true, false}) {
    for (const RewardTerm& term : terms) {
      if (term.kind->multiplies != multiplies) continue;
      const double effect =
          term.kind->value(evaluation.value(*term.metric) / term.target, term.weight);
      value = multiplies ? value * effect : value + effect;
    }
  }
  return value;
}

}  // namespace dovetail
