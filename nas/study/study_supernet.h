#pragma once

#include <optional>

#include "nas/evaluation/evaluator.h"
#include "nas/strategy/independent_policy.h"
#include "nas/study/study.h"

namespace dovetail {

/// Throws InputError unless a study with the strategy `oneshot` has a supernet that is its own, one
/// search and one seed. No effect on other studies.
void require_oneshot_fits(const StudyConfig& config);

/// What came of the supernet of a study.
struct PreparedSupernet {
  bool complete = true;                     // false: stopped on the way
  std::optional<IndependentPolicy> policy;  // of strategy `oneshot`, trained with it
};

/// Trains the supernet of a study in its folder, if it has one and it is not trained: by networks
/// drawn uniformly or, with the strategy `oneshot`, together with a policy, which writes
/// oneshot.csv after each epoch. `costs` makes what finds costs in the search.
PreparedSupernet prepare_supernet(const StudySetup& setup, const StudyOptions& options,
                                  const StudyEvaluators::Make& costs);

}  // namespace dovetail
