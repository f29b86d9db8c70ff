#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw_space/design_space.h"
#include "models/network/space/network_space.h"
#include "sim/silicon/technology.h"

namespace dovetail {

/// What the costs of a pair are given as multiples of: 1 where there is no such thing.
struct CostBaseline {
  double latency_ms = 1, energy_mj = 1;
};

/// Which part of the roofline the baseline is.
enum class RooflineRoof {
  kComputeAndIo,  // all of it
  kCompute,       // as if everything stayed on the chip but the network's input and output
};

/// By name: "residual" and "residual_compute", the forms of a surrogate that learns the ratio to
/// it.
const std::string& form_of_roof(RooflineRoof roof);
/// Nothing for any other name.
std::optional<RooflineRoof> roof_of_form(const std::string& form);

/// The roofline (roofline_bound.h) of pairs of two spaces: what a surrogate in the residual form
/// learns the ratio to.
///
/// It keeps what it has found of each block line, by the input that the line gets and the choices
/// that it reads, and of each accelerator, so that no network is built for a pair; what was kept
/// changes no figure. Safe to use from several threads.
class RooflineBaseline {
 public:
  RooflineBaseline(NetworkSpace networks, DesignSpace accelerators, const Technology& technology,
                   RooflineRoof roof);
  ~RooflineBaseline();
  RooflineBaseline(const RooflineBaseline&) = delete;
  RooflineBaseline& operator=(const RooflineBaseline&) = delete;

  /// JSON of all but the roof: both spaces as the YAML that they were read from, and the
  /// coefficients of the technology. No other file is needed to read it back, which throws
  /// InputError with `file`.
  std::string to_json_text() const;
  static std::shared_ptr<const RooflineBaseline> from_json_text(const std::string& text,
                                                                const std::string& file,
                                                                RooflineRoof roof);

  RooflineRoof roof() const;
  const DecisionSpace& network_decisions() const;
  const DecisionSpace& hardware_decisions() const;

  /// One for each pair network[i], hardware[i], valid choices of the spaces. NaN where a point
  /// builds no network (groups that do not divide the channels there).
  std::vector<CostBaseline> of(std::span<const Choices> network,
                               std::span<const Choices> hardware) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Of these spaces, and of the technology of that name in configs/technology or file. The spaces
/// are copied. Throws InputError if there is no such technology.
std::shared_ptr<const RooflineBaseline> make_roofline_baseline(const NetworkSpace& networks,
                                                               const DesignSpace& accelerators,
                                                               const std::string& technology,
                                                               RooflineRoof roof);

}  // namespace dovetail
