#include "nas/objective/reward.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "base/text/error.h"
#include "base/text/text.h"

namespace dovetail {
namespace {

double nahas_hard(double accuracy, std::span<const double> ratios,
                  std::span<const double> weights) {
  double value = accuracy;
  for (std::size_t k = 0; k < ratios.size(); ++k) {
    if (ratios[k] > 1) value *= std::pow(ratios[k], weights[k]);
  }
  return value;
}

double nahas_soft(double accuracy, std::span<const double> ratios,
                  std::span<const double> weights) {
  double value = accuracy;
  for (std::size_t k = 0; k < ratios.size(); ++k) value *= std::pow(ratios[k], weights[k]);
  return value;
}

double tunas_absolute(double accuracy, std::span<const double> ratios,
                      std::span<const double> weights) {
  double value = accuracy;
  for (std::size_t k = 0; k < ratios.size(); ++k) value += weights[k] * std::abs(ratios[k] - 1);
  return value;
}

double one_sided(double accuracy, std::span<const double> ratios, std::span<const double> weights) {
  double value = accuracy;
  for (std::size_t k = 0; k < ratios.size(); ++k) {
    if (ratios[k] > 1) value += weights[k] * (ratios[k] - 1);
  }
  return value;
}

double weighted_sum(double accuracy, std::span<const double> ratios,
                    std::span<const double> weights) {
  double value = accuracy;
  for (std::size_t k = 0; k < ratios.size(); ++k) value += weights[k] * ratios[k];
  return value;
}

const std::array<RewardKind, 5> kRewardKinds{{
    {"nahas_hard", "accuracy times (cost / target)^weight where the target is missed", -1.0,
     nahas_hard},
    {"nahas_soft", "accuracy times (cost / target)^weight", -0.071, nahas_soft},
    {"tunas_absolute", "accuracy plus weight times |cost / target - 1|", -0.10, tunas_absolute},
    {"one_sided", "accuracy plus weight times the excess of cost over target", -0.10, one_sided},
    {"weighted_sum", "accuracy plus weight times cost / target", -0.10, weighted_sum},
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
  std::vector<double> ratios, weights;
  for (const RewardTerm& term : terms) {
    ratios.push_back(evaluation.value(*term.metric) / term.target);
    weights.push_back(term.weight);
  }
  return kind->value(evaluation.accuracy.top1_percent / 100, ratios, weights);
}

}  // namespace dovetail
