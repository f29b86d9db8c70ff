#pragma once

#include <memory>
#include <vector>

#include "nas/strategy/strategy.h"

namespace dovetail {

using Point = std::vector<double>;

/// Points as numbers between which distances mean something: an ordered decision is
/// rank / (choices - 1), another is one-hot times sqrt(1/2), and all is divided by the square root
/// of the number of decisions, so that two points are at most 1 apart. Of the canonical form:
/// decisions without effect do not keep points apart.
std::vector<Point> encode_points(const SearchDomain& domain, const std::vector<Choices>& points);

/// Gaussian-process regression (Rasmussen & Williams, "Gaussian processes for machine learning",
/// 2006, algorithm 2.1) with a Matern-5/2 kernel of variance 1, one length scale and white noise,
/// for several targets at the same points. Targets are standardised.
class GaussianProcess {
 public:
  struct Settings {
    double length = 0.4, noise = 1e-2;
  };

  /// At least one point, all of one size; targets[t] has a value a point.
  GaussianProcess(const std::vector<Point>& points, const std::vector<std::vector<double>>& targets,
                  Settings settings);
  ~GaussianProcess();

  /// Of the grid length {0.1, 0.2, 0.4, 0.8, 1.6} x noise {1e-4, 1e-2, 1e-1} the settings with the
  /// largest marginal likelihood of `target`.
  static Settings fit(const std::vector<Point>& points, const std::vector<double>& target);

  struct State;  // what believe() works on
  struct Prediction {
    std::vector<std::vector<double>> means;  // [target][candidate], in the targets' own units
    std::vector<double> variances;           // 0 to 1: of the targets' variance before any data
    std::shared_ptr<State> state;
  };
  Prediction predict(const std::vector<Point>& candidates) const;
  /// Makes the variances what they are once the value at candidate `i` is known. The means stay, as
  /// if the value were the mean.
  void believe(Prediction& prediction, std::size_t i) const;

  /// Standard deviation of a target, in its own unit.
  double deviation_of(std::size_t target) const;

 private:
  class Matrices;
  std::unique_ptr<Matrices> matrices_;
};

}  // namespace dovetail
