#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "nas/strategy/gaussian_process.h"
#include "nas/strategy/point_encoding.h"
#include "nas/strategy/told_figures.h"

namespace dovetail {

/// Which figures are learned, and how.
struct FigureModelSettings : FigureSettings {
  bool length_scales = true;      // one a decision and figure; else one a figure
  std::size_t most_points = 500;  // that a process is fitted to
};

/// What the models believe of candidates: each figure is normal and independent of the others.
struct Beliefs {
  using Figure = GaussianProcess::Prediction;  // means and deviations, by candidate
  std::vector<Figure> objectives;  // in the sense of Outcome::objectives; or one, the reward
  std::vector<bool> logarithmic;   // of each objective: it is its logarithm that is normal
  std::vector<Figure> excesses;    // in the sense of Outcome::excesses
  std::optional<Figure> validity;  // 1 with figures, -1 without; none if all had them

  /// The median of an objective, in its own unit.
  double objective(std::size_t k, std::size_t candidate) const;
  /// Probability that the candidate has figures and that each constraint holds.
  double acceptable_probability(std::size_t candidate) const;
  double valid_probability(std::size_t candidate) const;
};

/// A Gaussian process for each figure of a candidate, and one for whether it has figures.
class FigureModels {
 public:
  FigureModels(const SearchDomain& domain, const FigureModelSettings& settings);

  /// Learns from `told`, of which at least one is valid: from at most `most_points`, those of
  /// `preferred` first, then the latest. Kernels are chosen anew each time that the candidates have
  /// grown by a quarter.
  void learn(std::span<const ToldCandidate> told, std::span<const std::size_t> preferred);

  Beliefs predict(std::span<const Choices> candidates) const;
  /// As if candidate `i` had turned out to be what is believed of it (kriging believer;
  /// Ginsbourger, Le Riche & Carraro 2010).
  void believe(Beliefs& beliefs, std::size_t i) const;

 private:
  struct Model {
    KernelSettings kernel;
    std::optional<GaussianProcess> process;
  };

  void fit(Model& model, const Points& points, std::span<const double> values, bool anew) const;

  PointEncoding encoding_;
  FigureModelSettings settings_;
  KernelFit kernel_fit_;
  std::vector<Model> objectives_, excesses_;
  std::vector<bool> logarithmic_;
  Model validity_;
  std::size_t fitted_at_ = 0;  // candidates told when the kernels were chosen
};

}  // namespace dovetail
