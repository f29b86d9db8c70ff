#pragma once

#include "nas/objective/objective.h"

namespace dovetail {

/// One number for every outcome, for methods that need a number even where there is none. It orders
/// outcomes as a tournament does: acceptable ones by their reward; below the worst of these the
/// ones that violate a constraint, the smaller violation first; at the bottom what is not valid.
///
/// With m and M the smallest and largest acceptable reward observed so far, an outcome that is not
/// acceptable, of violation v, scores m - (M - m) v / (1 + v). A spread M - m of 0 counts as 1.
class ScalarFeedback {
 public:
  void observe(const Outcome& outcome);
  double score(const Outcome& outcome) const;
  /// The score of what is not valid.
  double lowest() const;
  /// Between the best and the worst acceptable reward so far; 1 if they are one.
  double spread() const { return largest_ > smallest_ ? largest_ - smallest_ : 1; }

 private:
  bool any_ = false;
  double smallest_ = 0, largest_ = 0;
};

}  // namespace dovetail
