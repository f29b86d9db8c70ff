#pragma once

#include <vector>

#include "nas/space/search_space.h"
#include "nas/study/study_config.h"

namespace dovetail {

/// What a study starts from (`strategy.start`), as a choice for every decision of `space`. Each
/// candidate is put together from
///   study, trial               the choices of a trial of another study, of the decisions of this
///   network: SPACE:D=C,...     a point of the network space
///   network: NAME              a network of the zoo or of a file that is a point of it
///   accelerator: NAME          an accelerator that is a point of the design space
///   DECISION                   a choice, whatever the others say of it
/// Throws InputError naming the candidate if that is not sound or not all decisions are there.
std::vector<StartCandidate> start_choices(const StudyConfig& config, const SearchSpace& space);

}  // namespace dovetail
