#pragma once

#include <span>
#include <string>
#include <vector>

#include "nas/objective/evaluation.h"

namespace dovetail {

/// One cost metric inside a reward: its target and how hard missing it counts.
struct RewardTerm {
  const Figure* metric = nullptr;  // a cost: latency, area, energy, ...
  double target = 0;               // > 0, in the metric's unit
  double weight = 0;               // meaning depends on the kind, see reward_kinds()
};

/// A formula that turns accuracy and costs into the one number that scalar strategies maximise.
/// Q is top-1 accuracy in [0, 1], T a cost and T0 its target:
///
///   nahas_hard      Q * prod_k (T_k/T_k0)^w_k, w_k = 0 if T_k <= T_k0, else the weight (-1)
///   nahas_soft      the same with w_k = the weight (-0.071) on both sides
///                   (Zhou et al., "NAHAS", 2020; MnasNet, Tan et al. 2019, has -0.07)
///   tunas_absolute  Q + sum_k b_k |T_k/T_k0 - 1|, b_k = the weight (-0.10) (Bender et al. 2020)
///   one_sided       Q + sum_k b_k max(0, T_k/T_k0 - 1), b_k = the weight (-0.10)
///                   (Li et al., "H2O-NAS", 2023)
///   weighted_sum    Q + sum_k b_k T_k/T_k0, b_k = the weight (-0.10, of no paper): the linear
///                   scalarisation (Zadeh 1963; Marler & Arora, "The weighted sum method for
///                   multi-objective optimization: new insights", 2010)
struct RewardKind {
  std::string name;
  std::string description;
  double default_weight;  // < 0
  double (*value)(double accuracy, std::span<const double> cost_over_target,
                  std::span<const double> weights);
};
std::span<const RewardKind> reward_kinds();
/// Throws InputError naming the nearest known kind.
const RewardKind& find_reward_kind(const std::string& name);

struct Reward {
  const RewardKind* kind = nullptr;
  std::vector<RewardTerm> terms;  // at least one

  /// To be maximised.
  double operator()(const Evaluation& evaluation) const;
};

}  // namespace dovetail
