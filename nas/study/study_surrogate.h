#pragma once

#include <memory>
#include <span>

#include "cost/surrogate/surrogate_costs.h"
#include "nas/study/study.h"

namespace dovetail {

/// Predictions of what the study's configuration names: a trained surrogate; or one that is fitted
/// to labels made in the study's folder. Of an MLP each part (surrogate/labels.h5, model.h5,
/// report.json) is made once and used again when the study is resumed; others are fitted anew.
/// Nothing if `options.keep_going` said no before it was there. Throws InputError if a trained one
/// is not of the study's spaces and technology.
PredictPairs study_predictions(const StudySetup& setup, const StudyOptions& options);

/// The same of one fitted to the study's random labels and to `simulated`, trials of `space`.
PredictPairs refitted_predictions(const StudySetup& setup, const StudyOptions& options,
                                  const SearchSpace& space, std::span<const TrialRecord> simulated);

}  // namespace dovetail
