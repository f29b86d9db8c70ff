#pragma once

#include "models/accuracy/source/accuracy_source.h"

namespace dovetail {

/// A source whose answers go by earlier answers of the study: it is told which ones count by now,
/// in the order in which the study asked. So what it says depends neither on how many networks it
/// works on at a time nor on where the study was stopped.
class LearningSource {
 public:
  virtual ~LearningSource() = default;
  /// An answer, with an estimate or without; each network at most once.
  virtual void learn(const Choices& network, const AccuracyAnswer& answer) = 0;
  /// All that was learned.
  virtual void forget() = 0;
};

}  // namespace dovetail
