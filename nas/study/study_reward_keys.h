#pragma once

#include <vector>

#include "nas/study/study_key.h"

namespace dovetail {

/// The keys below `objective.reward`: one kind for all targets, or `terms` of a kind each.
const std::vector<StudyKey>& reward_keys();

/// A kind of reward by its name; throws InputError with the place in the file.
const RewardKind& read_reward_kind(const YamlNode& node);

}  // namespace dovetail
