#pragma once

#include <string>

#include "nas/analysis/stored_study.h"

namespace dovetail {

/// A study as the journal of Optuna (JournalFileStorage, Optuna 3.1 and later): a study of Optuna's
/// for each search of ours, whose trials are those of the search. What Optuna draws and computes of
/// studies (importance, parallel coordinates, its dashboard) works on it.
std::string optuna_journal(const StoredStudy& study, const TrialList& trials);

}  // namespace dovetail
