#pragma once

#include <span>
#include <string>
#include <vector>

#include "nas/analysis/stored_study.h"

namespace dovetail {

/// Schema dovetail.trials/1: notes (study, the build that began it, those of note_objective()), and
/// one row a trial of `study`: its place (`evaluation`: the first, second, ... of its run and
/// stage), status and reason, every metric, times, and every decision of the study ("" where its
/// run does not decide it). A decision without effect has its first choice. Figures that a trial
/// does not have are "".
std::string trials_csv(const StoredStudy& study, const TrialList& trials);
/// The same as JSON; what a trial does not have is missing.
std::string trials_json(const StoredStudy& study, const TrialList& trials);
/// Its trials alone, a line each.
/// One of these lines, with its end; `evaluation`: the trial is the first, second, ... of its run
/// and stage.
std::string trial_line(const StoredStudy& study, const StoredTrial& trial, std::int64_t evaluation);
std::string trials_jsonl(const StoredStudy& study, const TrialList& trials);

/// Metrics that are known of a trial: if simulated mostly all, else those that are predicted.
std::vector<const Figure*> known_metrics(const Evaluation& evaluation);

}  // namespace dovetail
