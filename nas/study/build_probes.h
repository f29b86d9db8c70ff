#pragma once

#include <string>

#include "nas/study/study_setup.h"
#include "nas/study/study_store.h"

namespace dovetail {

/// What this build finds otherwise than the one that stored the study: some of its simulated
/// trials, spread over all, are evaluated again. "trial 17: latency_ms is 0.31, stored is 0.32" for
/// the first that differs, to the last bit; empty if none does. A slow accuracy source is not
/// asked.
std::string changed_figure(const StudySetup& setup, const StudyStore& store);

}  // namespace dovetail
