#pragma once

#include <string>

#include "base/decision_space.h"

namespace dovetail {

/// What a source says of a network.
struct AccuracyEstimate {
  double top1_percent = 0;
  bool extrapolated = false;  // outside what the source was fitted or measured on
};

/// Where accuracy comes from. Throws InputError for a network that the source cannot speak about.
class AccuracySource {
 public:
  virtual ~AccuracySource() = default;
  virtual AccuracyEstimate accuracy(const Choices& network) = 0;
  /// One line for logs and reports: kind, file, held-out error.
  virtual std::string description() const = 0;
};

}  // namespace dovetail
