#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cost/figures/costs.h"
#include "cost/model/pair_domain.h"
#include "cost/surrogate/net/surrogate.h"

namespace dovetail {

/// How many times what the simulator says a pair costs on a device; 1 where nothing was measured.
/// In the order of predicted_costs().
using CostRatios = std::array<double, kPredictedCosts>;

/// Simulated costs as those of the device, and back: figures of predicted_costs() times or over the
/// ratios. Power and energy-delay product follow from them; area and memory are the same on both,
/// and cycles are the simulator's own count.
Costs corrected(Costs simulated, const CostRatios& ratios);
Costs uncorrected(Costs corrected, const CostRatios& ratios);

/// What a few measurements say of the simulator: latency and energy of a device are the simulated
/// ones times exp(g), with g linear in the hidden units of a surrogate (correction_fit.h). It
/// speaks about points of the surrogate's two spaces.
///
/// File (HDF5, schema dovetail.correction/1): attributes and arrays as those of a tuned surrogate
/// (surrogate.h), whose predictions are the ratios; and the attribute simulator_probe
/// (probe_simulator()) of what was corrected.
class SimulatorCorrection {
 public:
  /// `ratios`: what it predicts of each cost is a ratio.
  SimulatorCorrection(Surrogate ratios, std::string simulator_probe);

  /// Throws InputError if the file is missing, truncated or of another schema.
  static SimulatorCorrection load(const std::filesystem::path& file);
  /// Written in one step; the same correction gives the same bytes.
  void save(const std::filesystem::path& file) const;

  /// One for each pair network[i], hardware[i]. Throws InputError for choices that are not of the
  /// spaces, and where a ratio is no number above 0.
  std::vector<CostRatios> ratios(std::span<const Choices> network,
                                 std::span<const Choices> hardware) const;
  CostRatios ratios(const Pair& pair) const;

  /// Throws InputError unless it is about these spaces, what they hold fixed included, and this
  /// technology.
  void require_spaces(const NetworkSpace& networks, const DesignSpace& accelerators,
                      const std::string& technology) const;
  /// The same, and that the simulator of this build is the one that was corrected.
  void require_simulator(const NetworkSpace& networks, const DesignSpace& accelerators,
                         const std::string& technology) const;

  const SpaceDescription& network_space() const { return ratios_.network_space(); }
  const SpaceDescription& hardware_space() const { return ratios_.hardware_space(); }
  const std::string& technology() const { return ratios_.technology(); }

 private:
  Surrogate ratios_;
  std::string simulator_probe_;
};

}  // namespace dovetail
