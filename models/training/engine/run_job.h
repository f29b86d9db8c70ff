#pragma once

#include <filesystem>

namespace dovetail {

/// Does the training that job.json of a folder says, from the checkpoint there if there is one, and
/// leaves its result there (JobFiles). Nothing is done if there is a result. Throws InputError for
/// images or a network that cannot be used and a checkpoint of another job, RunError for a training
/// that diverged.
void run_training_job(const std::filesystem::path& folder);

}  // namespace dovetail
