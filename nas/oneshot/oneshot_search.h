#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/process/progress.h"
#include "models/training/supernet/supernet_program.h"
#include "nas/evaluation/evaluator.h"
#include "nas/objective/objective.h"
#include "nas/space/search_space.h"
#include "nas/strategy/independent_policy.h"
#include "nas/strategy/strategies.h"

namespace dovetail {

/// How policy and supernet are trained together. Meaning and range of each stand in the parameters
/// of oneshot_strategy().
struct OneshotSettings {
  bool single_step = false;
  std::size_t networks = 1, score_batches = 4;
  double warmup = 0.25, delay = 0.25, growth = 10;
  double learning_rate = 0, baseline = 0.95, entropy = 0;

  static OneshotSettings of(const StrategyParameters& parameters);
  /// Of the policy at a step: 0 while it is delayed, then growing.
  double rate(std::size_t step, std::size_t steps) const;
  /// The probability with which a decision of the network is trained at its largest instead.
  double warmup_share(std::size_t step, std::size_t steps) const;
};

/// One row of what was seen on the way, over an epoch.
struct OneshotRecord {
  std::size_t epoch = 0;                // from 1
  double loss = 0;                      // of the weights, the mean
  double top1_percent = 0, reward = 0;  // of what the policy drew, means; the reward with costs
  double latency_ms = 0;                // of what was drawn and can run, the mean
  double infeasible_share = 0;
  double entropy = 0;  // of the policy at the end, in nats

  bool operator==(const OneshotRecord&) const = default;
};

/// One-shot joint search: a policy over network and hardware decisions is trained while the shared
/// weights are, on the rewards of networks with those weights and costs by a cost model (NAHAS,
/// Zhou et al. 2020, 4.2, in the way of TuNAS, Bender et al. 2020). Each step draws from the
/// policy and trains what was drawn; then draws again and moves the policy by accuracies on
/// validation images. In the single-step form, a reading of what others say of H2O-NAS (Li et al.
/// 2023; its abstract has no algorithm), several networks are drawn at once, and their accuracies
/// on the very images that they are then trained on move the policy: the weights have not seen
/// them.
///
/// The reward is that of the study, less what limits are broken by (Outcome::violation, at most 1);
/// what cannot run has a reward of its accuracy less 0.2, a choice made here.
class OneshotSearch {
 public:
  /// `space` has the network's decisions; all must outlive it. Goes on from what the supernet has
  /// kept. `costs` finds costs without accuracies.
  OneshotSearch(const SearchSpace& space, const Objective& objective, Evaluator& costs,
                SupernetProgram& supernet, const OneshotSettings& settings, std::uint64_t seed);

  /// Called after each step.
  using OnStep = std::function<void(const SupernetProgress&, const std::vector<OneshotRecord>&)>;
  /// False if `keep_going` said no before the end; whole epochs are kept.
  bool run(const KeepGoing& keep_going, const OnStep& on_step);

  const IndependentPolicy& policy() const { return policy_; }
  const std::vector<OneshotRecord>& records() const { return records_; }

 private:
  struct Drawn {
    PolicyDraw draw;
    Choices network;  // as it is trained
  };

  void step(std::size_t step, std::size_t steps);
  std::vector<Drawn> draw(Rng& rng, double largest_share) const;
  /// Rewards of what was drawn, whose accuracies are known; moves the policy by them.
  void learn(std::vector<Drawn>& drawn, const std::vector<double>& percents, double rate);
  double reward(const Evaluation& costs, double percent);
  void end_epoch(std::size_t epoch, std::size_t steps_per_epoch);
  std::string note() const;
  void restore(const std::string& note);

  const SearchSpace& space_;
  const Objective& objective_;
  Evaluator& costs_;
  SupernetProgram& supernet_;
  OneshotSettings settings_;
  std::uint64_t seed_;
  IndependentPolicy policy_;
  double baseline_ = 0, baseline_weight_ = 0;  // moving average, and the sum of its weights
  std::vector<OneshotRecord> records_;
  OneshotRecord sums_;  // of the epoch under way
  double drawn_ = 0, ran_ = 0;
  Choices largest_;  // of the network
};

/// A row an epoch: schema dovetail.oneshot/1.
std::string oneshot_csv(const std::vector<OneshotRecord>& records);

}  // namespace dovetail
