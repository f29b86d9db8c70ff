#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cost/model/cost_model.h"
#include "cost/table/cost_table.h"
#include "nas/experiments/regret/known_optimum.h"
#include "nas/objective/objective.h"
#include "nas/space/search_space.h"

namespace dovetail {

/// A joint search whose answer is known: the accuracy of every network stands in a table, and the
/// Pareto front within the limits and the best reward come from an enumeration of all pairs.
class RegretProblem : public SearchDomain {
 public:
  /// Finds the optimum in `costs` and looks every candidate up there. `top1_percent` has one figure
  /// a point of the network space. Throws InputError if no pair holds the constraint or none is
  /// better than the reference point.
  RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                std::shared_ptr<const DesignSpace> accelerators, CostTable costs,
                std::vector<double> top1_percent, const RegretSettings& settings);

  /// Takes the optimum as known and simulates every candidate that is asked for. Throws InputError
  /// if the optimum is of other spaces, or if the accuracies or today's simulator give other
  /// figures for a pair of its front.
  RegretProblem(std::shared_ptr<const NetworkSpace> networks,
                std::shared_ptr<const DesignSpace> accelerators, KnownOptimum optimum,
                std::vector<double> top1_percent, bool area_known);

  const DecisionSpace& decisions() const override { return space_.decisions(); }
  std::vector<bool> active(const Choices& choices) const override { return space_.active(choices); }
  /// Of the area, if it is to be known beforehand.
  std::optional<double> predicted_violation(const Choices& choices) const override;
  std::vector<double> reference() const override {
    return objective_.minimised(objective_.reference);
  }
  Outcome outcome(const Choices& choices) const;
  /// Without the area.
  Costs costs_of(const Choices& choices) const;

  const KnownOptimum& optimum() const { return optimum_; }
  const RegretSettings& settings() const { return optimum_.settings; }
  const Objective& objective() const { return objective_; }
  double best_hypervolume() const { return optimum_.best_hypervolume; }
  double best_reward() const { return optimum_.best_reward; }

 private:
  struct Indices {
    std::uint64_t network;  // point
    std::uint64_t accelerator;
  };

  Indices indices(const Choices& choices) const;
  Costs costs(const Indices& pair) const;
  Outcome outcome(const Indices& pair, const Costs& costs) const;
  /// Relative to its limit; 0 without one.
  double area_excess(std::uint64_t accelerator) const;
  void find_optimum(const CostTable& costs);
  void require_todays_figures() const;

  SearchSpace space_;
  std::shared_ptr<CostModel> costs_;
  std::vector<double> area_mm2_;  // by accelerator
  std::vector<double> top1_percent_;
  Objective objective_;
  KnownOptimum optimum_;
};

}  // namespace dovetail
