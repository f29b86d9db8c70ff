#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nas/objective.h"
#include "nas/regret/cost_table.h"
#include "nas/search_space.h"

namespace dovetail {

/// What is searched for in a table.
struct RegretSettings {
  double max_area_mm2 = 10;        // constraint
  double target_latency_ms = 0.2;  // of the reward
  std::string reward = "nahas_hard";
  bool area_known = false;  // strategies may ask for the area before they ask for a candidate
  double reference_top1_percent = 88;  // of the hypervolume
  double reference_latency_ms = 0.5;
};

/// A joint search whose answer is known: accuracy and latency of every pair stand in tables, so the
/// Pareto front of (top1_percent, latency_ms) within the area and the best reward are exact.
class RegretProblem : public SearchDomain {
 public:
  /// `top1_percent` has one figure a point of the network space. Throws InputError if no pair holds
  /// the constraint or none is better than the reference point.
  RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                std::shared_ptr<const DesignSpace> accelerators, CostTable costs,
                std::vector<double> top1_percent, const RegretSettings& settings);

  const DecisionSpace& decisions() const override { return space_.decisions(); }
  std::vector<bool> active(const Choices& choices) const override { return space_.active(choices); }
  /// Of the area, if it is to be known beforehand.
  std::optional<double> predicted_violation(const Choices& choices) const override;
  /// Looked up.
  Outcome outcome(const Choices& choices) const;

  const RegretSettings& settings() const { return settings_; }
  const CostTable& costs() const { return costs_; }
  const Objective& objective() const { return objective_; }
  /// In the sense of Outcome::objectives.
  const std::vector<std::vector<double>>& true_front() const { return front_; }
  double best_hypervolume() const { return best_hypervolume_; }
  double best_reward() const { return best_reward_; }
  /// Share of all pairs of distinct networks and accelerators that run and hold the constraint.
  double acceptable_share() const { return acceptable_share_; }

 private:
  struct Indices {
    std::uint64_t network;  // point
    std::uint64_t accelerator;
  };
  Indices indices(const Choices& choices) const;
  Outcome outcome(std::uint64_t network_point, std::size_t accelerator) const;
  void find_optimum();

  SearchSpace space_;
  CostTable costs_;
  std::vector<double> top1_percent_;
  RegretSettings settings_;
  Objective objective_;
  std::vector<std::vector<double>> front_;
  double best_hypervolume_ = 0, best_reward_ = 0, acceptable_share_ = 0;
};

}  // namespace dovetail
