#pragma once

#include <span>
#include <string>
#include <vector>

#include "nas/objective/evaluation.h"

namespace dovetail {

/// How one cost enters a reward. Q is top-1 accuracy in [0, 1], T a cost, T0 its target, w the
/// weight. A kind that multiplies gives a factor of Q, another a summand:
///
///   nahas_hard      factor (T/T0)^w where T > T0, else 1; w = -1
///   nahas_soft      factor (T/T0)^w on both sides; w = -0.071
///                   (Zhou et al., "NAHAS", 2020; MnasNet, Tan et al. 2019, has -0.07)
///   tunas_absolute  summand w |T/T0 - 1|; w = -0.10 (Bender et al., "TuNAS", 2020)
///   one_sided       summand w max(0, T/T0 - 1); w = -0.10: the shape is that of H2O-NAS (Li et
///   al.,
///                   2023) as others describe it, since its abstract has no formula; the weight is
///                   TuNAS's
///   weighted_sum    summand w T/T0; w = -0.10, of no paper: the linear scalarisation (Zadeh 1963;
///                   Marler & Arora, "The weighted sum method for multi-objective optimization: new
///                   insights", 2010)
struct RewardKind {
  std::string name;
  std::string description;
  double default_weight;  // < 0
  bool multiplies;
  double (*value)(double cost_over_target, double weight);
};
std::span<const RewardKind> reward_kinds();
/// Throws InputError naming the nearest known kind.
const RewardKind& find_reward_kind(const std::string& name);

/// One cost metric inside a reward: its target and how missing it counts.
struct RewardTerm {
  const Figure* metric = nullptr;  // a cost: latency, area, energy, ...
  double target = 0;               // > 0, in the metric's unit
  const RewardKind* kind = nullptr;
  double weight = 0;
};

/// Turns accuracy and costs into the one number that scalar strategies maximise:
/// Q * (product of the factors) + (sum of the summands). Q is 1 where the accuracy is not asked
/// for.
struct Reward {
  std::vector<RewardTerm> terms;  // none: accuracy alone

  double operator()(const Evaluation& evaluation) const;
};

}  // namespace dovetail
