#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/files/hdf5_file.h"
#include "cost/surrogate/net/feature_encoder.h"
#include "cost/surrogate/net/mlp.h"
#include "cost/surrogate/net/packed_mlp.h"
#include "cost/surrogate/net/surrogate.h"
#include "cost/surrogate/roofline/roofline_baseline.h"
#include "models/network/space/space_description.h"

namespace dovetail {

/// The outputs of the network: that of each predicted cost, then the logit of "feasible", then the
/// area if it was asked for.
inline constexpr std::size_t kFeasibilityHead = kPredictedCosts;
inline constexpr std::size_t kAreaHead = kPredictedCosts + 1;

/// How a cost becomes the target of an output: (log cost - mean) / scale, with mean and standard
/// deviation of the logarithms over the training part. In the residual form the cost is given as a
/// multiple of its baseline.
struct LogScaling {
  double mean = 0, scale = 1;

  double target(double cost) const { return (std::log(cost) - mean) / scale; }
  double cost(double target) const { return std::exp(mean + scale * target); }
};

/// Inside of a Surrogate, for those who train it.
struct Surrogate::Impl {
  Impl(SpaceDescription network_space, SpaceDescription hardware_space,
       const std::vector<std::size_t>& hidden, std::size_t member_count, bool with_area = false);

  SpaceDescription network, hardware;
  FeatureEncoder encoder;
  /// Of the residual form: what the outputs are ratios to. Null in the plain form.
  std::shared_ptr<const RooflineBaseline> baseline;
  std::vector<Mlp<float>> members;  // at least one, all of one shape
  /// Of each member, see PackedMlp; empty unless the model was fine-tuned.
  std::vector<std::vector<float>> skips;
  std::array<LogScaling, kPredictedCosts> scaling;
  LogScaling area_scaling;
  bool knows_feasibility = false;
  std::string technology;
  std::string report = "{}";
  std::string file;               // it was loaded from; for messages
  std::vector<PackedMlp> packed;  // of each member; made by Surrogate, when training is done

  /// All that the schema of a model lists, for files whose own names say what it is of. Reading
  /// throws InputError for what training does not leave; `file` is for messages.
  void write(Hdf5Writer& writer) const;
  static std::unique_ptr<Impl> read(const Hdf5Reader& reader, const std::string& file);

  std::size_t heads() const { return members[0].shape().outputs; }
  bool predicts_area() const { return heads() > kAreaHead; }
  /// One for each pair; ones in the plain form.
  std::vector<CostBaseline> baselines(std::span<const Choices> network_points,
                                      std::span<const Choices> hardware_points) const;
  std::vector<PackedMlp> pack(std::span<const Mlp<float>> some) const;
  /// What some of the members together say of each pair.
  std::vector<CostPrediction> predict(std::span<const PackedMlp> some,
                                      std::span<const Choices> network_points,
                                      std::span<const Choices> hardware_points) const;
};

}  // namespace dovetail
