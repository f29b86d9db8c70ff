#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cost/figures/costs.h"
#include "nas/objective/objective.h"
#include "nas/strategy/strategy.h"

namespace dovetail {

/// Ridge regression of a cost on which choice each decision takes: the linear models that
/// HyperPower (Stamoulis et al., DATE 2018) fits to measured designs before it searches. A reading:
/// it has one weight a hyper-parameter, here every choice has one, so that no order is assumed.
class LinearCost {
 public:
  /// As many costs as candidates, at least one.
  LinearCost(const SearchDomain& domain, std::span<const Choices> candidates,
             std::span<const double> costs);

  double operator()(const Choices& choices) const;
  /// Root mean square percentage error, by tenfold cross-validation.
  double rmspe_percent() const { return rmspe_percent_; }

 private:
  std::vector<double> features(const Choices& choices) const;

  const SearchDomain& domain_;
  std::vector<double> weights_;  // the last is the intercept
  double rmspe_percent_ = 0;
};

/// A domain in which each limit of a cost is predicted by a linear model, fitted beforehand: what
/// is predicted to violate counts as known to violate.
class PredictedDomain : public WrappedDomain {
 public:
  struct Limit {
    const Figure* metric = nullptr;
    double limit = 0;
    LinearCost model;
  };
  using CostsOf = std::function<Costs(const Choices&)>;

  /// Asks the costs of `samples` uniform candidates of `domain`, which must outlive it, and fits a
  /// model for each constraint on a cost that `domain` does not know: any but the area.
  PredictedDomain(const SearchDomain& domain, std::span<const Constraint> constraints,
                  const CostsOf& costs_of, std::size_t samples, std::uint64_t seed);

  std::optional<double> predicted_violation(const Choices& choices) const override;

  const std::vector<Limit>& limits() const { return limits_; }

 private:
  std::vector<Limit> limits_;
};

}  // namespace dovetail
