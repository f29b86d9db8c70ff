#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/numbers/decision_space.h"
#include "cost/figures/costs.h"
#include "models/network/space/space_description.h"

namespace dovetail {

/// Costs that are predicted: latency and energy, see predicted_cost.h.
inline constexpr std::size_t kPredictedCosts = 2;

/// What the learned cost model says of one (network, accelerator) pair.
struct CostPrediction {
  /// Figures are also given where infeasible is likely (InfeasibleReason::kPredicted); then they
  /// mean nothing. No spread if there is one member, who cannot disagree; no area without a head
  /// for it: areas are exact, and known without a prediction.
  Costs costs;
  double feasible_probability = 1;
};

/// A trained surrogate: an MLP over the choices of a network space and a design space, or several
/// (an ensemble) that differ by the seed of their training. Costs are the means of the members in
/// log space, the probability is the mean of theirs.
/// In the plain form the outputs are the logarithms of the costs; in a residual form those of
/// their ratios to a roofline of the pair (RooflineBaseline).
/// A model file carries the spaces' names and decisions, the data's fingerprint and its report.
///
/// File (HDF5, schema dovetail.surrogate/4 in the plain form, /5 in another, which programs that
/// know the first alone refuse; see hdf5_file.h for the seal before it):
///   attributes  schema, network_space and hardware_space (JSON of SpaceDescription), technology,
///               report (JSON: data, split, options, held-out errors), network (JSON: members,
///               layer widths, scaling of each cost, whether feasibility was learned, whether it
///               was tuned, scaling of the area if it has a head for it); /5: form
///               (form_of_roof()), roofline (RooflineBaseline::to_json_text())
///   arrays      parameters f32 [members x n]: per layer weights [inputs x outputs], then biases;
///               skips f32 [members x n] if tuned: weights [units of hidden layers before the last
///               x outputs] that add to the outputs
class Surrogate {
 public:
  /// Throws InputError if the file is missing, truncated or of another schema.
  static Surrogate load(const std::filesystem::path& file);
  /// Written in one step; the same model gives the same bytes.
  void save(const std::filesystem::path& file) const;
  ~Surrogate();
  Surrogate(Surrogate&&) noexcept;
  Surrogate& operator=(Surrogate&&) noexcept;

  /// Throws InputError unless the model was trained on exactly these decisions.
  void require_spaces(const DecisionSpace& network, const DecisionSpace& hardware) const;
  /// The same, and what the spaces hold fixed (base accelerator, block lines) must be the same.
  void require_spaces(const SpaceDescription& network, const SpaceDescription& hardware) const;

  /// One prediction for each pair network[i], hardware[i], which does not depend on the pairs it is
  /// asked together with. Throws InputError for choices that are
  /// not of the spaces.
  std::vector<CostPrediction> predict(std::span<const Choices> network,
                                      std::span<const Choices> hardware) const;

  std::size_t members() const;
  /// False if the training data had no infeasible pair: then nothing is known about feasibility
  /// and feasible_probability is 1 everywhere.
  bool knows_feasibility() const;
  /// Whether it was corrected by measurements: then it is of a device, and not of the simulator.
  bool tuned() const;
  /// True if it also learned the area, which is otherwise left to the exact model.
  bool predicts_area() const;
  /// Whether it is in a residual form.
  bool residual() const;
  const SpaceDescription& network_space() const;
  const SpaceDescription& hardware_space() const;
  /// Of the energies (and areas) it was trained on.
  const std::string& technology() const;
  /// JSON text of the training report.
  const std::string& report() const;

  struct Impl;
  /// The networks of `impl` are ready and do not change any more.
  explicit Surrogate(std::unique_ptr<Impl> impl);
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail
