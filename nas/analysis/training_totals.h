#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nas/analysis/stored_study.h"

namespace dovetail {

/// Trainings that did not reach their last epoch for one reason.
struct UnfinishedTrainings {
  std::string reason;  // up to its first colon
  std::int64_t trainings = 0, epochs_trained = 0;
  std::int64_t epochs_saved = 0;  // that were left; 0 unless they were ended early on purpose
};

/// What the trainings of a study's networks came to. Epochs are whole ones: that in which a loss
/// was no finite number counts as saved, not as trained.
struct TrainingTotals {
  std::int64_t trainings = 0, to_the_end = 0, epochs_trained = 0, epochs_saved = 0;
  std::vector<UnfinishedTrainings> others;  // most trainings first
};

/// Of answers of the accuracy source `train`, with `trials` trainings of `epochs` each. Of a
/// network with several trainings all that did not reach their end count to the reason of the
/// answer.
TrainingTotals training_totals(const std::map<std::string, AccuracyAnswer>& answers, int trials,
                               int epochs);

/// Of a study as stored by now; nothing if its accuracies do not come from trainings of each
/// network. Read after the trials, so that it has the trainings of all of them.
std::optional<TrainingTotals> training_totals(const StoredStudy& study);

}  // namespace dovetail
