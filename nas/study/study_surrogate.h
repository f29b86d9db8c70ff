#pragma once

#include <memory>
#include <span>

#include "cost/surrogate/net/surrogate.h"
#include "nas/study/study.h"

namespace dovetail {

/// The surrogate that the study's configuration names: a model file; or one made in the study's
/// folder (surrogate/labels.h5, model.h5, report.json), each part of which is made once and used
/// again when the study is resumed. Null if `options.keep_going` said no before it was there.
/// Throws InputError if it was not trained on the study's spaces and technology.
std::shared_ptr<const Surrogate> study_surrogate(const StudySetup& setup,
                                                 const StudyOptions& options);

/// A surrogate trained on the study's random labels and on `simulated`, trials of `space`. Null if
/// `options.keep_going` said no.
std::shared_ptr<const Surrogate> refit_surrogate(const StudySetup& setup,
                                                 const StudyOptions& options,
                                                 const SearchSpace& space,
                                                 std::span<const TrialRecord> simulated);

}  // namespace dovetail
