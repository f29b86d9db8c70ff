#pragma once

#include <memory>
#include <string>

#include "cost/model/cost_model.h"

namespace dovetail {

/// The simulator for pairs of a domain, in this process.
class PairSimulator {
 public:
  /// `technology`: name or file in configs/technology, of areas and energies.
  PairSimulator(PairDomain domain, const std::string& technology);
  ~PairSimulator();
  PairSimulator(const PairSimulator&) = delete;
  PairSimulator& operator=(const PairSimulator&) = delete;

  const PairDomain& domain() const { return domain_; }
  /// Throws nothing: what goes wrong is in the result.
  PairCosts costs(const Pair& pair);
  /// Area only; closed form.
  double area_mm2(const AcceleratorConfig& accelerator) const;

 private:
  struct Impl;
  PairDomain domain_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dovetail
